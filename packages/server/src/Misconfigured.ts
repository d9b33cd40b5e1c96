import { Api } from "@image-skill/core/api/Api"
import type { Failure } from "@image-skill/core/kernel/Errors"
import { Ids } from "@image-skill/core/kernel/Ids"
import { Effect, Layer } from "effect"
import { type InProcess, inProcessApp } from "./http/inProcess.ts"
import { refusing } from "./http/Refusing.ts"
import { Routes } from "./http/Routes.ts"

/** A house whose settings cannot be read answers every request with what is wrong with them. */
export const misconfigured = (error: Failure<"INVALID_ARGUMENTS">): InProcess =>
  inProcessApp(Effect.provide(refusing(error), Layer.merge(Ids.layer, Routes.layer(Api))))
