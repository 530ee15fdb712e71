"use strict";

// Refuses a deployment whose params cannot be meant: an unknown name, a value out of its range (params.json), or
// values that do not fit each other. osls itself ignores a `--param` that nobody knows. serverless.yml resolves this
// file, so the check comes before anything is packaged, deployed or removed.

const { params: RULES } = require("./params.json");
const AWS_REGIONS = require("../../layers/liveproof/data/aws_regions.json").vendor_region;
const APIS = Object.values(require("../../layers/liveproof/data/checks.json").apis);

const VENDOR_REGIONS = [...new Set(APIS.flatMap((api) => api.regions))];
// Of a run of run_check, in seconds: bringing the files to the vendor, waiting for the call's slot, settling what came
// of the call, and the end of a run before its function is stopped (layers/liveproof/domain/run_times.py, by a test the same).
const PREPARE_SECONDS = 40;
const SLOT_WAIT_SECONDS = 10;
const RESERVE_SECONDS = 10;
const MARGIN_SECONDS = 1;
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

/** Why a value cannot be meant, or null. */
function fault(rule, text) {
  if (rule === null) return text === "" ? "it is empty" : null;
  if (rule.one_of) return rule.one_of.includes(text) ? null : `it must be ${rule.one_of.join(", ")}`;
  if (rule.pattern) return new RegExp(`^(?:${rule.pattern})$`).test(text) ? null : `it must be ${rule.says}`;
  const [least, most] = rule.integer || rule.number;
  const isNumber = (rule.integer ? /^(0|[1-9][0-9]*)$/ : /^(0|[1-9][0-9]*)(\.[0-9]+)?$/).test(text);
  const kind = rule.integer ? "a whole number" : "a number";
  return isNumber && Number(text) >= least && Number(text) <= most ? null : `it must be ${kind} from ${least} to ${most}`;
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
  for (const name of ["vendorEndpoint", "iaiEndpoint"]) {
    const pinned = /^https?:\/\/[a-z]+\.([a-z]+-[a-z]+(?:-\d+)?)\./.exec(values[name]);
    if (pinned && pinned[1] !== wanted) faults.push(`${name} is in ${pinned[1]}, but vendorRegion is ${wanted}`);
  }
  return faults;
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
    PREPARE_SECONDS + SLOT_WAIT_SECONDS + Number(values.callTimeout) + RESERVE_SECONDS + MARGIN_SECONDS;
  if (needed > Number(values.runCheckTimeout)) {
    faults.push(
      `runCheckTimeout is ${values.runCheckTimeout}, but a run needs ${needed} s: ${PREPARE_SECONDS} to bring the ` +
        `files, ${SLOT_WAIT_SECONDS} for its slot, callTimeout = ${values.callTimeout}, ${RESERVE_SECONDS} to settle, ` +
        `${MARGIN_SECONDS} to spare`
    );
  }
  // SQS gives a message to a second worker when this time is over.
  if (Number(values.checksVisibilitySeconds) < 6 * Number(values.runCheckTimeout)) {
    faults.push(
      `checksVisibilitySeconds is ${values.checksVisibilitySeconds}: ` +
        `it must be six times runCheckTimeout, ${6 * Number(values.runCheckTimeout)} or more`
    );
  }
  if (values.webhookAddresses === "any") faults.push("webhookAddresses=any is for the stage local");
  for (const name of ["vendorEndpoint", "iaiEndpoint"]) {
    if (values[name].startsWith("http:")) faults.push(`${name} is http, which is for the stage local`);
  }
  return faults;
}

module.exports = async ({ options, resolveConfigurationProperty, resolveVariable }) => {
  const known = Object.keys(await resolveConfigurationProperty(["params", "default"]));
  const stage = await resolveVariable("sls:stage");
  const region = await resolveVariable("self:provider.region");
  const given = [].concat(options.param || []).map((each) => String(each).split("=")[0]);
  const faults = unknownNames([...new Set(given)], known);
  const twice = new Set(given.filter((name, at) => given.indexOf(name) !== at));
  faults.push(...[...twice].map((name) => `--param ${name} is given twice`));
  const values = {};
  for (const name of known) {
    // An empty text is no value to osls: what is left then is the empty default.
    const value = await resolveVariable(`param:${name}, ''`);
    values[name] = String(value);
    const why = fault(RULES[name], values[name]);
    if (why) faults.push(`${name} is ${JSON.stringify(values[name])}: ${why}`);
  }
  if (!STAGE.test(stage)) {
    faults.push(`the stage is ${stage}: 2 to 24 lower-case letters, digits and hyphens, beginning with a letter`);
  }
  if (faults.length === 0) faults.push(...regionFaults(values, region), ...fittingFaults(values, stage));
  if (faults.length > 0) {
    const error = new Error(faults.join("\n"));
    error.stack = error.message; // osls prints the stack: people need the reasons, not the lines of this file
    throw error;
  }
  return "checked";
};
