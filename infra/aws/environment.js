"use strict";

// The environment of every function: what the stack gives (custom.environment of serverless.yml), and every setting
// that a param fills (settings.json).

const { settings, valueOf } = require("./settings.js");

module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const environment = { ...(await resolveConfigurationProperty(["custom", "environment"])) };
  for (const [param, { environment: name }] of Object.entries(settings)) {
    environment[name] = await valueOf(param, resolveVariable);
  }
  return environment;
};
