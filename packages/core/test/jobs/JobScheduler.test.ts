import { JobScheduler } from "../../src/jobs/JobScheduler.ts"
import { jobSchedulerSuite } from "../../src/testing/suites/JobSchedulerSuite.ts"

jobSchedulerSuite("timers", JobScheduler.layerTimers)
