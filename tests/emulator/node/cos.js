// Steps made with cos-nodejs-sdk-v5: a plan on standard input, outcomes on output.
"use strict";

const COS = require("cos-nodejs-sdk-v5");

// A client that names the bucket in the plan's style.
function clientOf(plan, step) {
  const style = {
    path: { Domain: `${plan.endpoint}/cos/{Bucket}.cos.{Region}.myqcloud.com` },
    host: { Ip: plan.endpoint },
    proxy: { Proxy: `http://${plan.endpoint}` },
    domain: { Domain: plan.endpoint },
  }[plan.style];
  return new COS({
    SecretId: step.secret_id ?? plan.secret_id,
    SecretKey: step.secret_key ?? plan.secret_key,
    SecurityToken: step.token,
    Protocol: "http:",
    Timeout: 30000,
    UploadCheckContentMd5: true,
    AutoSwitchHost: false,
    ...style,
  });
}

async function done(client, where, step) {
  const named = { ...where, Key: step.key };
  switch (step.do) {
    case "put": {
      const headers = step.meta ? { "x-cos-meta-who": "a" } : {};
      const put = await client.putObject({
        ...named,
        Body: Buffer.from(step.body, "base64"),
        Headers: headers,
      });
      return { etag: put.ETag, crc: put.headers["x-cos-hash-crc64ecma"] };
    }
    case "get": {
      const got = await client.getObject({ ...named, Range: step.range });
      const body = Buffer.from(got.Body).toString("base64");
      return { body, range: got.headers["content-range"] ?? null };
    }
    case "head": {
      const { headers } = await client.headObject(named);
      return { size: headers["content-length"], crc: headers["x-cos-hash-crc64ecma"] };
    }
    case "delete":
      await client.deleteObject(named);
      return {};
    case "list": {
      const page = await client.getBucket({
        ...where,
        Prefix: step.prefix,
        Delimiter: step.delimiter,
        Marker: step.marker,
        MaxKeys: step.size,
      });
      return {
        keys: page.Contents.map((each) => each.Key),
        prefixes: page.CommonPrefixes.map((each) => each.Prefix),
        next: page.NextMarker ?? null,
      };
    }
    default: {
      const url = await new Promise((resolve, reject) => {
        client.getObjectUrl({ ...named, Method: step.method, Sign: true }, (problem, data) =>
          problem ? reject(problem) : resolve(data.Url),
        );
      });
      return { url };
    }
  }
}

async function main() {
  const plan = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const where = { Bucket: plan.bucket, Region: plan.region };
  const results = [];
  for (const step of plan.steps) {
    try {
      results.push(await done(clientOf(plan, step), where, step));
    } catch (problem) {
      results.push({ error: problem.code, status: problem.statusCode });
    }
  }
  process.stdout.write(JSON.stringify(results));
}

main();
