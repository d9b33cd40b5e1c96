import { Effect, Layer } from "effect"
import { Payers } from "../ledger/Payers.ts"
import { AgentStore } from "./AgentStore.ts"

/** Agents as those who pay: with the first payment an agent that nobody has claimed is `payment_backed_unclaimed`. */
export const layerAgentPayers = Layer.effect(
  Payers,
  Effect.map(AgentStore, (agents) => ({ paid: agents.backByPayment }))
)
