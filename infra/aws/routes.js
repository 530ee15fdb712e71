"use strict";

// Throttling of single routes, beside that of the whole API (api.yml): the numbers of routes.json, and those of the
// param routeRequestsPerSecond instead of them. An osls plugin, because a stage may name only routes that there are.

const DEFAULTS = require("./routes.json").requests_per_second;

/** So many seconds' requests may come at once. */
const BURST_SECONDS = 2;

function numbersOf(text) {
  let given;
  try {
    given = JSON.parse(text);
  } catch {
    given = null;
  }
  if (given === null || typeof given !== "object" || Array.isArray(given)) {
    throw new Error(`routeRequestsPerSecond is ${text}: it must be a JSON object, such as {"POST /v1/verifications": 100}`);
  }
  return { ...DEFAULTS, ...given };
}

class RouteThrottling {
  constructor(serverless) {
    this.service = serverless.service;
    this.hooks = { "after:package:compileEvents": () => this.throttle() };
  }

  throttle() {
    const { Resources: resources } = this.service.provider.compiledCloudFormationTemplate;
    const routes = new Map();
    for (const [id, { Type, Properties }] of Object.entries(resources)) {
      if (Type === "AWS::ApiGatewayV2::Route") routes.set(Properties.RouteKey, id);
    }
    const settings = {};
    for (const [route, perSecond] of Object.entries(numbersOf(this.service.custom.routeRequestsPerSecond))) {
      if (!routes.has(route)) throw new Error(`routeRequestsPerSecond: there is no route ${route}, only ${[...routes.keys()].join(", ")}`);
      if (typeof perSecond !== "number" || !(perSecond > 0 && perSecond <= 10000)) {
        throw new Error(`routeRequestsPerSecond: ${route} is ${perSecond}: it must be a number above 0, at most 10000`);
      }
      settings[route] = {
        DetailedMetricsEnabled: true,
        ThrottlingRateLimit: perSecond,
        ThrottlingBurstLimit: Math.ceil(perSecond * BURST_SECONDS),
      };
    }
    const stage = resources.HttpApiStage;
    stage.Properties.RouteSettings = settings;
    stage.DependsOn = [].concat(stage.DependsOn || [], Object.keys(settings).map((route) => routes.get(route)));
  }
}

module.exports = RouteThrottling;
