"use strict";

// The bucket's lifecycle rules (infra/retention.json), with the days that the params say.

const { rules } = require("../retention.json");
const { valueOf } = require("./settings.js");

// Of anything else than a JSON object nothing: params.js refuses it, with the reason.
function mapping(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

module.exports = {
  async rules({ resolveVariable }) {
    const ofDecisions = mapping(await valueOf("evidenceExpireDaysOf", resolveVariable));
    const expiring = rules.map(async ({ id, prefix, param, decision }) => ({
      Id: id,
      Status: "Enabled",
      Prefix: prefix,
      ExpirationInDays: Number(ofDecisions[decision] ?? (await valueOf(param, resolveVariable))),
      // Only in a bucket whose versions somebody switched on.
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    }));
    return [
      ...(await Promise.all(expiring)),
      {
        Id: "unfinished-multipart-uploads",
        Status: "Enabled",
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      },
    ];
  },
};
