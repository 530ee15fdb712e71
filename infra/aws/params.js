"use strict";

// Refuses a deployment with an invalid param: an unknown name, a value out of its range (params.json, settings.json), or
// values that do not fit each other. osls itself ignores a `--param` that nobody knows. serverless.yml resolves this
// file, so the check comes before anything is packaged, deployed or removed.

const { settings, valueOf } = require("./settings.js");
const { apis, checks } = require("../../layers/liveproof/data/checks.json");
const REGIONS = Object.entries(require("../../layers/liveproof/data/regions.json").regions);

const CHECKS = Object.keys(checks);
const RULES = require("./params.json").params;
for (const [param, { rule }] of Object.entries(settings)) RULES[param] ??= rule;
const AWS_REGIONS = Object.fromEntries(REGIONS.filter(([, { aws }]) => aws).map(([name, { aws }]) => [aws, name]));
const VENDOR_REGIONS = REGIONS.filter(([, { vendor }]) => vendor.length > 0).map(([name]) => name);
// Of a run of run_check, in seconds: bringing the files to the vendor, waiting for the call's slot, settling what came
// of the call, and the end of a run before its function is stopped (layers/liveproof/domain/run_times.py, by a test the same).
const PREPARE_SECONDS = 40;
const SLOT_WAIT_SECONDS = 10;
const RESERVE_SECONDS = 10;
const MARGIN_SECONDS = 1;
// The time limit of the function that each queue feeds, but for runCheckTimeoutSeconds (serverless.yml, by a test the same).
const TIME_LIMITS = { uploadsVisibilitySeconds: 60, deliveriesVisibilitySeconds: 60, erasuresVisibilitySeconds: 60 };
// Every name that is made of the stage's fits: SQS, IAM and Lambda take 64 characters and more, S3 takes 63.
const STAGE = /^[a-z][a-z0-9-]{0,22}[a-z0-9]$/;

/** How many letters have to be changed, added or taken away to make one text of the other. */
function distance(one, other) {
  let above = [...Array(other.length + 1).keys()];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const changed = above[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      row.push(Math.min(above[j] + 1, row[j - 1] + 1, changed));
    }
    above = row;
  }
  return above[other.length];
}

function nearest(name, names) {
  const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const near = names
    .map((each) => [distance(plain(name), plain(each)), each])
    .sort(([a], [b]) => a - b)[0];
  return near[0] <= Math.max(2, name.length / 3) ? near[1] : null;
}

function unknownNames(given, known) {
  return given
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = nearest(name, known);
      return `there is no param ${name}` + (near ? `: is it ${near}?` : "");
    });
}

/** Why a value is invalid, or null. */
function fault(rule, text) {
  if (rule === undefined) return null; // any text
  if (rule === null) return text === "" ? "it is empty" : null;
  if (rule.one_of) return rule.one_of.includes(text) ? null : `it must be ${rule.one_of.join(", ")}`;
  if (rule.pattern) return new RegExp(`^(?:${rule.pattern})$`).test(text) ? null : `it must be ${rule.says}`;
  if (rule.mapping) return mappingFault(rule.mapping, text);
  return numberFault(rule, text);
}

function numberFault(rule, text) {
  const [least, most] = rule.integer || rule.number || rule.above;
  const isNumber = (rule.integer ? /^(0|[1-9][0-9]*)$/ : /^(0|[1-9][0-9]*)(\.[0-9]+)?$/).test(text);
  if (isNumber && Number(text) <= most && (rule.above ? Number(text) > least : Number(text) >= least)) return null;
  if (rule.above) return `it must be a number above ${least}, at most ${most}`;
  return `it must be ${rule.integer ? "a whole number" : "a number"} from ${least} to ${most}`;
}

/** Of a JSON object: why it is none, has another name, or an invalid value. */
function mappingFault({ names, values }, text) {
  const known = names === "checks" ? CHECKS : names;
  let entries;
  try {
    const object = JSON.parse(text);
    if (object === null || typeof object !== "object" || Array.isArray(object)) throw new SyntaxError();
    entries = Object.entries(object);
  } catch {
    return `it must be a JSON object, such as {"${known[0]}": 1}`;
  }
  for (const [name, value] of entries) {
    if (!known.includes(name)) return `there is no ${name}, only ${known.join(", ")}`;
    const why = typeof value === "number" ? numberFault(values, String(value)) : "it must be a number";
    if (why) return `${name}: ${why}`;
  }
  return null;
}

function regionFaults(values, region) {
  const wanted = values.vendorRegion;
  if (!VENDOR_REGIONS.includes(wanted)) {
    return [`vendorRegion is ${wanted}: the vendor judges in ${VENDOR_REGIONS.join(", ")}`];
  }
  const faults = [];
  const beside = AWS_REGIONS[region];
  if (wanted !== beside && values.allowDistantVendorRegion !== "true") {
    const place = beside ? `beside it is ${beside}` : "no region of the vendor's is beside it";
    faults.push(
      `vendorRegion is ${wanted} and the AWS region is ${region}: ${place}. ` +
        "If the files may travel to another place, say --param allowDistantVendorRegion=true"
    );
  }
  const topic = values.alarmTopicArn.split(":")[3];
  if (topic && topic !== region) {
    faults.push(`alarmTopicArn is in ${topic}: an alarm tells topics of its own region only, ${region}`);
  }
  const key = values.webhookKmsKey.split(":")[3];
  if (key && key !== region) faults.push(`webhookKmsKey is in ${key}: functions sign in their own region only, ${region}`);
  for (const name of ["vendorEndpoint", "iaiEndpoint"]) {
    const pinned = /^https?:\/\/[a-z]+\.([a-z]+-[a-z]+(?:-\d+)?)\./.exec(values[name]);
    if (pinned && pinned[1] !== wanted) faults.push(`${name} is in ${pinned[1]}, but vendorRegion is ${wanted}`);
  }
  return faults;
}

function portFaults(values) {
  return ["vendorEndpoint", "iaiEndpoint", "senseidUrl", "traceEndpoint"]
    .map((name) => [name, /^https?:\/\/[^/]*:(\d+)/.exec(values[name])])
    .filter(([, found]) => found && !(Number(found[1]) > 0 && Number(found[1]) < 65536))
    .map(([name, [, port]]) => `${name} has the port ${port}: a port is from 1 to 65535`);
}

/** A limit of spend needs the price of every call that Tencent Cloud bills: without one the functions refuse to start. */
function priceFaults(values) {
  const limit = ["dailySpend", "dailySpendPerClient"].find((name) => Number(values[name]) > 0);
  if (limit === undefined) return [];
  const prices = JSON.parse(values.prices);
  return Object.entries(checks)
    .map(([check, { apis: [first] }]) => [check, check === "video" ? values.videoApi : first])
    .filter(([, action]) => apis[action].service !== "senseid" && !prices[action])
    .map(([check, action]) => `${limit} needs the price of a call of ${action}, for the check ${check}: name it in prices`);
}

function fittingFaults(values, stage) {
  const faults = [];
  if (stage === "local") {
    // It allows plain http and private webhook addresses, and deletes its data with the stack. Its files are brought
    // over no distance, so its times may be short.
    if (!process.env.AWS_ENDPOINT_URL) faults.push("the stage local is for a local AWS (AWS_ENDPOINT_URL)");
    return faults;
  }
  const needed =
    PREPARE_SECONDS + SLOT_WAIT_SECONDS + Number(values.callTimeoutSeconds) + RESERVE_SECONDS + MARGIN_SECONDS;
  if (needed > Number(values.runCheckTimeoutSeconds)) {
    faults.push(
      `runCheckTimeoutSeconds is ${values.runCheckTimeoutSeconds}, but a run needs ${needed} s: ${PREPARE_SECONDS} to bring the ` +
        `files, ${SLOT_WAIT_SECONDS} for its slot, callTimeoutSeconds = ${values.callTimeoutSeconds}, ${RESERVE_SECONDS} to settle, ` +
        `${MARGIN_SECONDS} to spare`
    );
  }
  // SQS gives a message to a second worker when this time is over, and AWS refuses a queue whose time is below the limit.
  const limits = { ...TIME_LIMITS, checksVisibilitySeconds: Number(values.runCheckTimeoutSeconds) };
  for (const [name, limit] of Object.entries(limits)) {
    if (Number(values[name]) < 6 * limit) {
      const what = name === "checksVisibilitySeconds" ? "runCheckTimeoutSeconds" : "the function's time limit";
      faults.push(`${name} is ${values[name]}: it must be six times ${what}, ${6 * limit} or more`);
    }
  }
  if (values.webhookAddressPolicy === "any") faults.push("webhookAddressPolicy=any is for the stage local");
  for (const name of ["vendorEndpoint", "iaiEndpoint"]) {
    if (values[name].startsWith("http:")) faults.push(`${name} is http, which is for the stage local`);
  }
  return faults;
}

module.exports = async ({ options, resolveConfigurationProperty, resolveVariable }) => {
  const written = Object.keys(await resolveConfigurationProperty(["params", "default"]));
  const known = [...new Set([...written, ...Object.keys(settings)])];
  const stage = await resolveVariable("sls:stage");
  const region = await resolveVariable("self:provider.region");
  const given = [].concat(options.param || []).map((each) => String(each).split("=")[0]);
  const faults = unknownNames([...new Set(given)], known);
  const twice = new Set(given.filter((name, at) => given.indexOf(name) !== at));
  faults.push(...[...twice].map((name) => `--param ${name} is given twice`));
  const values = {};
  for (const name of known) {
    values[name] = await valueOf(name, resolveVariable);
    const why = fault(RULES[name], values[name]);
    if (why) faults.push(`${name} is ${JSON.stringify(values[name])}: ${why}`);
  }
  if (!STAGE.test(stage)) {
    faults.push(`the stage is ${stage}: 2 to 24 lower-case letters, digits and hyphens, beginning with a letter`);
  }
  if (faults.length === 0) faults.push(...regionFaults(values, region), ...portFaults(values), ...priceFaults(values), ...fittingFaults(values, stage));
  if (faults.length > 0) {
    const error = new Error(faults.join("\n"));
    error.stack = error.message; // osls prints the stack: people need the reasons, not the lines of this file
    throw error;
  }
  return "checked";
};
