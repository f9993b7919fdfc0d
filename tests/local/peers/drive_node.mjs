// A story told by the AWS SDK for JavaScript: channels, lists, metadata, tags, errors.
//
// The environment names endpoint, region and keys as `python -m ivs_async.local` prints them, and
// IVS_ASYNC_NODE_MODULES is the folder in which `npm install @aws-sdk/client-ivs` was run.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.IVS_ASYNC_NODE_MODULES, "story.js"));
const sdk = require("@aws-sdk/client-ivs");

const endpoint = process.env.AWS_ENDPOINT_URL_IVS;
const client = new sdk.IvsClient({ endpoint, maxAttempts: 1 });

const call = (name, members = {}) => client.send(new sdk[`${name}Command`](members));

async function operate(name, members) {
  const response = await fetch(`${endpoint}/_local/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(members),
  });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

const errors = [];

async function refused(code, name, members) {
  const error = await call(name, members).then(
    () => assert.fail(`${name} was not refused`),
    (error) => error,
  );
  assert.ok(error instanceof sdk[code], `${name}: ${error}`);
  assert.ok(error.message.length > 0 && error.message !== "UnknownError", error.message);
  assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
  assert.ok(error.$metadata.cfId);
  errors.push(code);
}

const { channel, streamKey } = await call("CreateChannel", { name: "demo", tags: { a: "b" } });
assert.match(streamKey.value, /^sk_/);
const channelArn = channel.arn;
assert.equal((await call("GetChannel", { arn: channelArn })).channel.name, "demo");
await call("UpdateChannel", { arn: channelArn, latencyMode: "NORMAL" });
for (let number = 0; number < 6; number += 1) await call("CreateChannel");
const arns = [];
const lists = { client, pageSize: 3 };
for await (const page of sdk.paginateListChannels(lists, {})) {
  arns.push(...page.channels.map((each) => each.arn));
}
assert.equal(new Set(arns).size, 7);
const batch = await call("BatchGetChannel", { arns: [channelArn, `${channelArn}x`] });
assert.equal(batch.channels.length, 1);
assert.equal(batch.errors[0].code, "ResourceNotFoundException");
const keys = [];
for await (const page of sdk.paginateListStreamKeys({ client }, { channelArn })) {
  keys.push(...page.streamKeys);
}
assert.deepEqual(keys.map((key) => key.arn), [streamKey.arn]);

await call("TagResource", { resourceArn: channelArn, tags: { "x y": "ü/=" } });
await call("UntagResource", { resourceArn: channelArn, tagKeys: ["a", "c&d"] });
const { tags } = await call("ListTagsForResource", { resourceArn: channelArn });
assert.deepEqual(tags, { "x y": "ü/=" });

await refused("ChannelNotBroadcasting", "PutMetadata", { channelArn, metadata: "cue" });
await operate("start-stream", { channelArn, viewers: 2 });
await call("PutMetadata", { channelArn, metadata: "größe" });
const { stream } = await call("GetStream", { channelArn });
assert.equal(stream.viewerCount, 2);
assert.ok(stream.startTime instanceof Date);
const live = [];
for await (const page of sdk.paginateListStreams({ client }, {})) live.push(...page.streams);
assert.equal(live.length, 1);
await refused("ConflictException", "DeleteChannel", { arn: channelArn });
await refused("ValidationException", "PutMetadata", { channelArn, metadata: "x".repeat(1025) });
await refused("ResourceNotFoundException", "GetChannel", { arn: `${channelArn}x` });
await refused("ServiceQuotaExceededException", "CreateStreamKey", { channelArn });
await operate("faults", { operation: "PutMetadata", error: "ThrottlingException" });
await refused("ThrottlingException", "PutMetadata", { channelArn, metadata: "cue" });
await operate("deny", { operations: ["GetStream"] });
await refused("AccessDeniedException", "GetStream", { channelArn });
await operate("deny", { operations: [] });
await call("StopStream", { channelArn });
const { streamSession } = await call("GetStreamSession", { channelArn });
assert.equal(streamSession.truncatedEvents.at(-1).name, "Session Created");
await call("DeleteChannel", { arn: channelArn });
console.log(JSON.stringify({ errors }));
