/** The API's bodies under short names. The fields are those of docs/openapi.json. */

import type { components, operations } from "./schema.js";

type Schemas = components["schemas"];

/** The body of a create: the check, its declared files, and what the webhook gives back. */
export type CreateVerification = Schemas["CreateVerification"];
/** The answer of a create, and of a request for fresh URLs. */
export type Created = Schemas["Created"];
/** What a file is before it is uploaded: MD5 in 32 hex digits, bytes, content type. */
export type DeclaredInput = Schemas["DeclaredInput"];
/** Where and how to send a file: method, URL, exactly these headers. */
export type Upload = Schemas["Upload"];
/** A verification as the API shows it. */
export type Verification = Schemas["VerificationView"];
/** A page of the list; `next_cursor` continues it. */
export type VerificationList = Schemas["VerificationList"];
/** Filters of the list, its `limit` and `cursor`. */
export type ListQuery = NonNullable<operations["list_verifications"]["parameters"]["query"]>;
/** `null` while there is no decision. */
export type Decision = Verification["decision"];
/** How an input stands: `missing`, `proven` or `refused`. */
export type InputState = Schemas["InputView"]["state"];
/** The signed manifest and the best frames, by short-lived URLs. */
export type EvidenceFiles = Schemas["EvidenceFiles"];
/** Which webhooks to send again. A dry run unless `dry_run` is false. */
export type ResendDeliveries = Schemas["ResendDeliveries"];
/** Which webhooks are sent again, or would be. */
export type Resent = Schemas["Resent"];
/** The device data of the mobile SDK. */
export type CreateReflectSequence = Schemas["CreateReflectSequence"];
/** A light sequence for the mobile SDK. */
export type ReflectSequence = Schemas["ReflectSequence"];
/** How the webhook endpoint is. */
export type WebhookHealth = Schemas["WebhookHealth"];
/** How the endpoint took a test. */
export type WebhookTestResult = Schemas["WebhookTestView"];
/** The public keys of webhooks and evidence. */
export type WebhookKeys = Schemas["WebhookKeys"];
/** The body of any webhook; switch on `type`. */
export type WebhookMessage = Schemas["Webhook"] | Schemas["WebhookErased"] | Schemas["WebhookTest"];
/** An answer that is no success (RFC 9457). */
export type Problem = Schemas["Problem"];
/** The stable code of a problem. */
export type ProblemCode = Problem["code"];
