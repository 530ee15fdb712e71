/** What the calls of a ledger would bill, with a price for each action. */

import type { VendorCall } from "./types";

export interface Bill {
  action: string;
  calls: number;
  billed: number;
  /** The vendor's table does not say whether these are billed. */
  unknown: number;
  /** Undefined without a price. */
  amount: number | undefined;
}

/** A line for each action that decides a check and was called, in the order of the first calls. */
export function billOf(
  calls: readonly VendorCall[],
  paidActions: readonly string[],
  prices: Readonly<Record<string, number>>,
): Bill[] {
  const bills = new Map<string, Bill>();
  for (const { action, billed } of calls) {
    if (!paidActions.includes(action)) {
      continue;
    }
    const bill = bills.get(action) ?? { action, calls: 0, billed: 0, unknown: 0, amount: undefined };
    bill.calls++;
    bill.billed += billed === "yes" ? 1 : 0;
    bill.unknown += billed === "unknown" ? 1 : 0;
    const price = prices[action];
    bill.amount = price === undefined ? undefined : price * bill.billed;
    bills.set(action, bill);
  }
  return [...bills.values()];
}
