/** What the console's server says, beside the API's own bodies. */

import type { Verification } from "@liveproof/client";

export type {
  Created,
  CreateVerification,
  EvidenceFiles,
  Verification,
  VerificationList,
} from "@liveproof/client";

export type Decision = NonNullable<Verification["decision"]>;
export type Status = Verification["status"];

/** A verification, and the client whose key reads it. */
export type ClientsVerification = Verification & { client: string };

/** What an input of a check may be. `max_bytes` is the default where it is a setting. */
export interface InputRules {
  content_types: string[];
  max_bytes: number;
  pixels: { min_side: number; max_side: Record<string, number>; max_ratio: number | null } | null;
}

/** A check, as the page offers it. */
export interface CheckRules {
  question: string;
  apis: string[];
  score: string;
  threshold: number;
  threshold_max: number;
  inputs: Record<string, InputRules>;
}

/** What a local cloud has beside its API. */
export interface LocalSetup {
  cloud: "aws" | "tencent";
  receiver: string;
  /** Where the webhooks of each client go on to. */
  forwarding: Record<string, string | null>;
  /** By action: names and meanings. */
  scenarios: Record<string, Record<string, string>>;
  faults: Record<string, string>;
  /** What a billed call costs, by action, where a page of the vendor names it. */
  prices: Record<string, number>;
  paid_actions: string[];
}

/** What the page knows from its start. */
export interface Setup {
  version: string;
  api: string;
  clients: string[];
  checks: Record<string, CheckRules>;
  local: LocalSetup | null;
}

/** An entry of the emulator's ledger. */
export interface VendorCall {
  at: string;
  action: string;
  region: string | null;
  request_id: string;
  scenario: string | null;
  fault: string | null;
  code: string | null;
  verdict: string | null;
  billed: "yes" | "no" | "unknown";
  latency_ms: number;
}

/** A webhook that the local receiver got. `at` is in seconds since 1970. */
export interface ReceivedWebhook {
  client: string | null;
  verification: string | null;
  at: number;
  headers: Record<string, string>;
  body: string;
  verified: boolean;
  versions: string[];
  causes: { code: string; meaning: string; advice: string }[];
}
