import type { Schema } from "effect"
import type { Grant } from "../identity/Grants.ts"
import type { ErrorCode } from "../kernel/ErrorTable.ts"
import { JsonObject } from "../kernel/Json.ts"
import type { Api } from "./Api.ts"
import * as admin from "./answers/AdminAnswers.ts"
import * as catalog from "./answers/CatalogAnswers.ts"
import * as credits from "./answers/CreditsAnswers.ts"
import * as feedback from "./answers/FeedbackAnswers.ts"
import * as identity from "./answers/IdentityAnswers.ts"
import * as records from "./answers/RecordsAnswers.ts"
import * as studio from "./answers/StudioAnswers.ts"

/** What is answered besides an envelope. */
interface Raw {
  readonly contentTypes: ReadonlyArray<string>
  /** Statuses of success, and what each means. */
  readonly statuses: Readonly<Record<number, string>>
}

/** What is said of an endpoint that its request schemas do not say. */
export interface Answer {
  readonly summary: string
  /** Whose bearer token it takes: `anyone` needs none, and none is looked at; `either` may send an agent's. */
  readonly caller: "anyone" | "agent" | "either" | "operator"
  /** What an agent's token must be allowed; without one any token in force will do. */
  readonly grant?: Grant
  /** The envelope's `data`, as it goes over the wire. Null where a success is no envelope: see `raw`. */
  readonly data: Schema.Schema.AnyNoContext | null
  readonly raw?: Raw
  /** Whether it may answer 202 with a job that still runs. */
  readonly mayRun?: boolean
  /** Refusals of its own, besides those of every endpoint and of its caller's token. */
  readonly codes: ReadonlyArray<ErrorCode>
}

/** What any request may be refused with. */
export const codesOfAll: ReadonlyArray<ErrorCode> = ["INVALID_ARGUMENTS", "RATE_LIMITED", "INTERNAL"]

/** What a request with a body may be refused with. */
export const codesOfBodies: ReadonlyArray<ErrorCode> = ["BODY_TOO_LARGE"]

const ofAgents: ReadonlyArray<ErrorCode> = [
  "AUTH_REQUIRED",
  "TOKEN_INVALID",
  "TOKEN_REVOKED",
  "CAPABILITY_DENIED",
  "STORAGE_UNAVAILABLE"
]

export const codesOfCallers: Readonly<Record<Answer["caller"], ReadonlyArray<ErrorCode>>> = {
  anyone: [],
  agent: ofAgents,
  either: ofAgents,
  operator: ["AUTH_REQUIRED", "TOKEN_INVALID", "STORAGE_UNAVAILABLE"]
}

const planning: ReadonlyArray<ErrorCode> = [
  "MODEL_NOT_FOUND",
  "ASSET_NOT_FOUND",
  "MODEL_PARAMETERS_INVALID",
  "MODEL_PARAMETER_NOT_EXECUTABLE",
  "PROVIDER_NATIVE_FIELD_DENIED",
  "REFERENCES_NOT_SUPPORTED",
  "MASK_NOT_SUPPORTED",
  "OUTPUT_COUNT_NOT_SUPPORTED",
  "OPERATION_NOT_SUPPORTED",
  "MODEL_NOT_EXECUTABLE",
  "REFERENCES_INVALID",
  "MODEL_RETIRED",
  "QUOTA_EXCEEDED",
  "BUDGET_EXCEEDED",
  "BUDGET_REQUIRES_CONFIRMATION",
  "INPUT_POLICY_DENIED"
]

const making: ReadonlyArray<ErrorCode> = [
  ...planning,
  "IDEMPOTENCY_CONFLICT",
  "CONTENT_POLICY_DENIED",
  "PROVIDER_UNAVAILABLE",
  "PROVIDER_FAILURE",
  "PROVIDER_OUTCOME_UNKNOWN",
  "ARTIFACT_STORAGE_WRITE_FAILED"
]

const buying: ReadonlyArray<ErrorCode> = [
  "CREDIT_QUOTE_NOT_FOUND",
  "CREDIT_QUOTE_EXPIRED",
  "CREDIT_QUOTE_CONSUMED",
  "PAYMENT_METHOD_UNAVAILABLE",
  "IDEMPOTENCY_CONFLICT",
  "PROVIDER_UNAVAILABLE",
  "PROVIDER_FAILURE"
]

/** What only a command is refused with, and what other endpoints refuse that a command asks. */
const ofCommands: ReadonlyArray<ErrorCode> = [
  "PUBLIC_CLI_COMMAND_NOT_AVAILABLE",
  "TIMEOUT",
  "CAPABILITY_NOT_FOUND",
  "JOB_NOT_FOUND",
  "JOB_NOT_CANCELABLE",
  "ACTIVITY_NOT_FOUND",
  "PAYMENT_REFERENCE_NOT_FOUND",
  "CREDIT_QUOTE_CONFLICT"
]

const open = (summary: string, data: Schema.Schema.AnyNoContext, codes: ReadonlyArray<ErrorCode> = []): Answer => ({
  summary,
  caller: "anyone",
  data,
  codes
})

const agents = (
  grant: Grant | null,
  summary: string,
  data: Schema.Schema.AnyNoContext,
  codes: ReadonlyArray<ErrorCode> = []
): Answer => ({
  summary,
  caller: "agent",
  ...(grant === null ? {} : { grant }),
  data,
  codes
})

const operators = (
  summary: string,
  data: Schema.Schema.AnyNoContext,
  codes: ReadonlyArray<ErrorCode> = []
): Answer => ({ summary, caller: "operator", data, codes })

const page = (summary: string, contentType: string): Answer => ({
  summary,
  caller: "anyone",
  data: null,
  raw: { contentTypes: [contentType], statuses: { 200: "the page" } },
  codes: []
})

type IdOf<Group> = Group extends { readonly identifier: infer Id extends string; readonly endpoints: infer Endpoints }
  ? Endpoints extends Readonly<Record<string, infer Endpoint>>
    ? Endpoint extends { readonly name: infer Name extends string }
      ? `${Id}.${Name}`
      : never
    : never
  : never

/** The group and the name of each endpoint of `Api`. */
export type OperationId = IdOf<(typeof Api)["groups"][string]>

/** A test holds the data of a whole run against these schemas. */
export const answers: Readonly<Record<OperationId, Answer>> = {
  "studio.create": {
    ...agents("create", "Make images from words, or plan and price that", studio.Made, making),
    mayRun: true
  },
  "studio.edit": { ...agents("edit", "Change an image, or plan and price that", studio.Made, making), mayRun: true },
  "studio.upload": agents(
    "upload",
    "Take an image in: inside JSON, or as the body itself with its own content-type (image/*)",
    studio.Uploaded,
    ["INPUT_POLICY_DENIED", "IDEMPOTENCY_CONFLICT"]
  ),
  "catalog.listModels": open("List, find or sum up the models", catalog.Models, []),
  "catalog.showModel": open("Show all of one model", catalog.ModelShown, ["MODEL_NOT_FOUND"]),
  "catalog.listCapabilities": open("List the capabilities", catalog.Capabilities),
  "catalog.showCapability": open("Show a capability and its models", catalog.CapabilityShown, ["CAPABILITY_NOT_FOUND"]),
  "assets.list": agents("assets", "List assets, newest first", records.AssetsListed),
  "assets.delete": agents("assets", "Delete an asset and its bytes, for good", records.AssetDeleted, [
    "ASSET_NOT_FOUND",
    "ASSET_IN_USE"
  ]),
  "assets.show": agents("assets", "Show an asset", records.AssetShown, ["ASSET_NOT_FOUND"]),
  "assets.bytes": {
    summary: "Read the bytes of an asset: its id is the capability",
    caller: "anyone",
    data: null,
    raw: {
      contentTypes: ["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"],
      statuses: {
        200: "the bytes",
        206: "the range that was asked for",
        304: "the same as the etag that was sent",
        416: "there is no such range"
      }
    },
    codes: ["ASSET_NOT_FOUND", "STORAGE_UNAVAILABLE"]
  },
  "jobs.list": agents("jobs", "List jobs, newest first", records.JobsListed),
  "jobs.show": agents("jobs", "Show a job, or wait for it", records.JobShown, ["JOB_NOT_FOUND"]),
  "jobs.cancel": agents("jobs", "Stop a job, as far as it can still be stopped", records.JobCanceled, [
    "JOB_NOT_FOUND",
    "JOB_NOT_CANCELABLE"
  ]),
  "activity.list": agents("activity", "List what happened, newest first", records.EventsListed),
  "activity.show": agents("activity", "Show an event, or all of a subject", records.EventShown, ["ACTIVITY_NOT_FOUND"]),
  "identity.signup": {
    summary: "Make an agent, or rotate the token of the one that calls",
    caller: "either",
    data: identity.SignedUp,
    codes: []
  },
  "identity.whoami": agents(null, "Tell who calls", identity.Identified),
  "identity.quota": agents("quota", "Tell what is left", identity.QuotaAnswer),
  "identity.health": open("Tell whether the house stands; calls nobody", identity.Health),
  "credits.methods": open("List the ways to pay", credits.Methods),
  "credits.packs": open("List the packs of credits", credits.Packs),
  "credits.quote": agents("credits", "Fix the price of credits for half an hour", credits.Quoted, [
    "CREDIT_QUOTE_CONFLICT",
    "PAYMENT_METHOD_UNAVAILABLE"
  ]),
  "credits.purchase": agents("credits", "Buy a quote on a rail that settles by itself", credits.Bought, buying),
  "credits.checkout": agents("credits", "Buy a quote on a page where a person pays", credits.Bought, buying),
  "credits.status": agents("credits", "Show a purchase", credits.PurchaseState, [
    "CREDIT_QUOTE_NOT_FOUND",
    "PAYMENT_REFERENCE_NOT_FOUND"
  ]),
  "credits.pay": {
    summary: "Send a person on to the payment page: the id is the capability",
    caller: "anyone",
    data: null,
    raw: {
      contentTypes: ["text/html"],
      statuses: { 200: "back from it", 303: "to the page", 404: "no such payment", 410: "paid or expired" }
    },
    codes: ["STORAGE_UNAVAILABLE"]
  },
  "credits.stripeWebhook": {
    summary: "Hear what became of a payment: the signature is the token",
    caller: "anyone",
    data: null,
    raw: { contentTypes: ["application/json"], statuses: { 200: "durable", 503: "no webhook secret is set" } },
    codes: ["WEBHOOK_SIGNATURE_INVALID", "STORAGE_UNAVAILABLE"]
  },
  "feedback.create": agents("feedback", "Say what works and what does not", feedback.Accepted, [
    "IDEMPOTENCY_CONFLICT"
  ]),
  "admin.agents": operators("List the agents", admin.Agents),
  "admin.agent": operators("Show an agent", admin.AgentShown),
  "admin.setGrants": operators("Say what an agent may do", admin.GrantsSet),
  "admin.jobs": operators("List the jobs of all organizations", admin.Jobs),
  "admin.grantCredits": operators("Give credits, with a reason", admin.CreditsGranted, ["IDEMPOTENCY_CONFLICT"]),
  "admin.revokeCredits": operators("Take credits back, with a reason", admin.CreditsRevoked, ["IDEMPOTENCY_CONFLICT"]),
  "admin.revokeToken": operators("End an agent's token", admin.TokenRevoked),
  "admin.rotateToken": operators("Give an agent a new token", admin.TokenRotated),
  "admin.invites": operators("List the invites", admin.Invites),
  "admin.createInvite": operators("Make an invite", admin.InviteCreated),
  "admin.revokeInvite": operators("End an invite", admin.InviteRevoked),
  "admin.budgets": operators("List the budgets", admin.BudgetsListed),
  "admin.setBudget": operators("Set a budget, or take it away", admin.BudgetSet, ["MODEL_NOT_FOUND"]),
  "admin.spend": operators("Sum up what was spent", admin.SpendSummed),
  "admin.unknown": operators("List the calls whose outcome is not known", admin.UnknownListed),
  "admin.resolveUnknown": operators("Settle a call whose outcome was not known", admin.UnknownResolved),
  "admin.exposure": operators("Sum up what the house bears", admin.Exposure),
  "admin.acts": operators("List what operators did", admin.Acts),
  "admin.audit": operators("Recompute every balance", admin.Audited),
  "admin.payments": operators("List the payments", admin.Payments),
  "admin.paymentEvents": operators("List what rails told and is not settled", admin.PaymentEvents),
  "admin.reconcilePayment": operators("Ask the rail what became of a payment", admin.PaymentReconciled, [
    "PAYMENT_REFERENCE_NOT_FOUND",
    "PROVIDER_UNAVAILABLE"
  ]),
  "pages.openapi": page("This document", "application/json"),
  "pages.docs": page("The reference, for a browser", "text/html"),
  "pages.llms": page("What an agent needs to begin", "text/plain"),
  "pages.skill": page("The agent skill", "text/markdown"),
  "pages.commands": page("Every command, with its flags", "text/markdown"),
  "pages.run": {
    summary: "Run a public command of the CLI, without files and addresses",
    caller: "either",
    data: JsonObject,
    mayRun: true,
    // The command's own, whichever it is.
    codes: [...making, ...buying, ...ofCommands]
  }
}
