"use strict";

// What every check of layers/liveproof/data/checks.json gets of its own: the resources of check.json, in which {check}
// and {Check} stand for its name, and an event source of run_check. So a burst of one check never delays another.

const { apis, checks } = require("../../layers/liveproof/data/checks.json");
const { valueOf } = require("./settings.js");

const TEMPLATE = JSON.stringify(require("./check.json"));
// What AWS takes as an event source's maximum concurrency.
const LEAST = 2;
const MOST = 1000;

/** The check's name in logical ids: `new_check` is NewCheck. */
const idOf = (check) => check.replace(/(?:^|_)([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const queueOf = (check) => `Check${idOf(check)}Queue`;

/**
 * How many runs at once use the whole pace: runs per second times the usual seconds of a run. Where files are relayed,
 * each needs a CreateUploadUrl, and more runs than that allows would only wait for it.
 */
function concurrencyOf(check, callsPerSecond, uploadUrlsPerSecond) {
  const { relay, wait, call } = checks[check].usual_run_seconds;
  const limits = checks[check].apis.map((action) => apis[action].calls_per_second);
  const calls = callsPerSecond[check] ?? Math.min(...limits);
  const relayed = relay > 0 ? Object.keys(checks[check].inputs).length : 0;
  const pace = relayed > 0 ? Math.min(calls, uploadUrlsPerSecond / relayed) : calls;
  return Math.min(MOST, Math.max(LEAST, Math.ceil(pace * (relay + wait + call))));
}

/** A param's JSON object. Of anything else nothing: params.js refuses it, with the reason. */
function mapping(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

module.exports = {
  idOf,

  resources() {
    const together = { Resources: {}, Outputs: {} };
    for (const check of Object.keys(checks)) {
      const own = JSON.parse(TEMPLATE.replaceAll("{Check}", idOf(check)).replaceAll("{check}", check));
      for (const [section, entries] of Object.entries(own)) Object.assign(together[section], entries);
    }
    return together;
  },

  queueArns: () => Object.keys(checks).map((check) => ({ "Fn::GetAtt": [queueOf(check), "Arn"] })),

  // The value of LIVEPROOF_CHECK_QUEUE_URLS.
  queueUrls: () => ({
    "Fn::Sub": JSON.stringify(Object.fromEntries(Object.keys(checks).map((check) => [check, "${" + queueOf(check) + "}"]))),
  }),

  async events({ resolveVariable }) {
    const callsPerSecond = mapping(await valueOf("callsPerSecond", resolveVariable));
    const checkConcurrency = mapping(await valueOf("checkConcurrency", resolveVariable));
    const uploadUrlsPerSecond = Number(await valueOf("uploadUrlsPerSecond", resolveVariable));
    return Object.keys(checks).map((check) => ({
      sqs: {
        arn: { "Fn::GetAtt": [queueOf(check), "Arn"] },
        batchSize: 1,
        maximumConcurrency: checkConcurrency[check] ?? concurrencyOf(check, callsPerSecond, uploadUrlsPerSecond),
        functionResponseType: "ReportBatchItemFailures",
      },
    }));
  },
};
