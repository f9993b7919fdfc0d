// The AWS SDK for JavaScript doing one kind of work: node client.mjs PACKAGE WORK URL CALLS TASKS
import { createRequire } from "node:module";
import { Agent } from "node:http";

const [packages, work, url, calls, tasks] = process.argv.slice(2);
const require = createRequire(`${packages}/`);
const ivs = require("@aws-sdk/client-ivs");
const { NodeHttpHandler } = require("@smithy/node-http-handler");

const ARN = "arn:aws:ivs:us-west-2:123456789012:channel/abcdefgh1234";
const ARNS = Array.from({ length: 500 }, (_, number) => `${ARN}${number}`);
const CUE = JSON.stringify({ question: "Who scores next?", answers: ["Home", "Away"], id: 1234567 });

const client = new ivs.IvsClient({
  region: "us-west-2",
  endpoint: url,
  credentials: {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "an-example-of-a-secret-access-key",
    sessionToken: "an-example-of-a-session-token".repeat(10),
  },
  requestHandler: new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true, maxSockets: 100 }) }),
});

const works = {
  PutMetadata: () => client.send(new ivs.PutMetadataCommand({ channelArn: ARN, metadata: CUE })),
  GetChannel: () => client.send(new ivs.GetChannelCommand({ arn: ARN })),
  ListChannels: () => client.send(new ivs.ListChannelsCommand({ maxResults: 100 })),
  "list 5,000": async () => {
    for await (const page of ivs.paginateListChannels({ client, pageSize: 100 }, {})) {
      for (const _ of page.channels) { /* walk */ }
    }
  },
  "batch of 500": () => {
    const parts = Array.from({ length: 10 }, (_, part) => ARNS.slice(part * 50, part * 50 + 50));
    return Promise.all(parts.map((arns) => client.send(new ivs.BatchGetChannelCommand({ arns }))));
  },
};

async function run(total) {
  let left = total;
  const worker = async () => { while (left-- > 0) await works[work](); };
  await Promise.all(Array.from({ length: Math.min(Number(tasks), total) }, worker));
}

await run(Math.min(100, Number(calls)));
const cpu = process.cpuUsage();
const wall = process.hrtime.bigint();
await run(Number(calls));
const spent = process.cpuUsage(cpu);
console.log(JSON.stringify({
  cpu: (spent.user + spent.system) / 1e6 / Number(calls),
  wall: Number(process.hrtime.bigint() - wall) / 1e9 / Number(calls),
  memory: process.resourceUsage().maxRSS * 1024,
}));
client.destroy();
