// Calls made with tencentcloud-sdk-nodejs-intl-en: a plan on standard input, outcomes on output.
"use strict";

const { Credential } = require("tencentcloud-sdk-nodejs-intl-en/tencentcloud/common");
const ClientProfile = require("tencentcloud-sdk-nodejs-intl-en/tencentcloud/common/profile/client_profile");
const HttpProfile = require("tencentcloud-sdk-nodejs-intl-en/tencentcloud/common/profile/http_profile");

async function outcome(endpoint, call) {
  const version = `v${call.version.replaceAll("-", "")}`;
  const product = require(`tencentcloud-sdk-nodejs-intl-en/tencentcloud/${call.service}`)[version];
  const http = new HttpProfile();
  Object.assign(http, { protocol: "http://", endpoint, reqTimeout: 30 });
  const profile = new ClientProfile("TC3-HMAC-SHA256", http);
  const credential = new Credential(call.secret_id, call.secret_key, call.token);
  const client = new product.Client(credential, call.region, profile);
  if (!product.Models[`${call.action}Request`]) return { absent: true };
  const request = new product.Models[`${call.action}Request`]();
  request.from_json_string(JSON.stringify(call.parameters));
  return new Promise((resolve) => {
    client[call.action](request, (problem, response) => {
      if (problem) resolve({ error: problem.code, request_id: problem.requestId });
      else resolve({ response: JSON.parse(response.to_json_string()) });
    });
  });
}

async function main() {
  const plan = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const results = [];
  for (const call of plan.calls) results.push(await outcome(plan.endpoint, call));
  process.stdout.write(JSON.stringify(results));
}

main();
