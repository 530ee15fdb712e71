"use strict";

// A gradual deployment: with the param gradualDeployment every trigger runs the alias `live` of its function, and
// CodeDeploy shifts the alias to the new version step by step. It goes back when one of the alarms of gradual.json
// rings, and the stack with it. Without the param the template is what it was: no alias, no version.
//
// An osls plugin of our own: the public ones support neither HTTP APIs nor SQS, or bring an SDK that is out of support.
// osls itself lets triggers run an alias (targetAlias), as it does for provisioned concurrency.

const ALIAS = "live";
const OFF = "none";
const NAMED = JSON.stringify(require("./gradual.json"));

const aliasIdOf = (logicalId) => logicalId.replace(/LambdaFunction$/, "LiveAlias");

/** The errors of some functions in a minute, whichever version had them. CloudWatch takes ten metrics in an alarm. */
function errorMetrics(functions) {
  const metrics = functions.map(({ logicalId }, number) => ({
    Id: `errors${number}`,
    ReturnData: false,
    MetricStat: {
      Metric: {
        Namespace: "AWS/Lambda",
        MetricName: "Errors",
        Dimensions: [{ Name: "FunctionName", Value: { Ref: logicalId } }],
      },
      Period: 60,
      Stat: "Sum",
    },
  }));
  return [...metrics, { Id: "errors", Expression: "SUM(METRICS())", ReturnData: true }];
}

class GradualDeployment {
  constructor(serverless) {
    this.service = serverless.service;
    this.provider = serverless.getProvider("aws");
    this.hooks = {
      "before:package:compileFunctions": () => this.chooseAliases(),
      "after:package:compileFunctions": () => this.addAliases(),
    };
  }

  get config() {
    return this.service.custom.gradualDeployment;
  }

  get functions() {
    return this.service.getAllFunctions().map((name) => {
      const definition = this.service.getFunction(name);
      return { definition, logicalId: this.provider.naming.getLambdaLogicalId(name) };
    });
  }

  /** Before triggers are compiled, so that they run the alias. */
  chooseAliases() {
    if (this.config === OFF) return;
    this.service.provider.versionFunctions = true;
    for (const { definition, logicalId } of this.functions) {
      definition.targetAlias = { name: ALIAS, logicalId: aliasIdOf(logicalId) };
    }
  }

  addAliases() {
    if (this.config === OFF) return;
    const template = this.service.provider.compiledCloudFormationTemplate;
    const stage = this.provider.getStage();
    Object.assign(template.Resources, JSON.parse(NAMED.replaceAll("{stage}", stage).replaceAll("{config}", this.config)));
    for (const { definition, logicalId } of this.functions) {
      template.Resources[aliasIdOf(logicalId)] = {
        Type: "AWS::Lambda::Alias",
        Properties: {
          FunctionName: { Ref: logicalId },
          FunctionVersion: { "Fn::GetAtt": [definition.versionLogicalId, "Version"] },
          Name: ALIAS,
        },
        UpdatePolicy: {
          CodeDeployLambdaAliasUpdate: {
            ApplicationName: { Ref: "GradualApplication" },
            DeploymentGroupName: { Ref: "GradualDeployments" },
          },
        },
      };
    }
    const isOfApi = ({ definition }) => definition.events.some((event) => event.httpApi);
    const { GradualApiErrorsAlarm: ofApi, GradualStepErrorsAlarm: ofSteps } = template.Resources;
    ofApi.Properties.Metrics = errorMetrics(this.functions.filter(isOfApi));
    ofSteps.Properties.Metrics = errorMetrics(this.functions.filter((each) => !isOfApi(each)));
  }

}

module.exports = GradualDeployment;
