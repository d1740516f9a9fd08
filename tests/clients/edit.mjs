// The edits of openai-node's users, with a whole file and with one that is streamed; prints what came back.
import { createReadStream, readFileSync } from "node:fs";
import OpenAI, { toFile } from "openai";

const [base, apiKey, picture] = process.argv.slice(2);
const client = new OpenAI({ apiKey, baseURL: base, maxRetries: 0 });
const words = { model: "step-1x-edit", response_format: "b64_json", seed: 1, steps: 20, cfg_scale: 10.0 };

async function edit(image, prompt) {
  const answer = await client.images.edit({ ...words, image, prompt });
  const [found] = answer.data;
  return { seed: found.seed, finish_reason: found.finish_reason, bytes: Buffer.from(found.b64_json, "base64").length };
}

const whole = await toFile(readFileSync(picture), "cat.jpg", { type: "image/jpeg" });
const found = {
  toFile: await edit(whole, "make it warmer"),
  createReadStream: await edit(createReadStream(picture), "make it sepia"),
  list: await edit([createReadStream(picture)], "make it brighter"),
};
try {
  await edit(createReadStream(picture), " ");
} catch (error) {
  found.refused = { status: error.status, param: error.param, code: error.code, requestID: error.requestID };
}
console.log(JSON.stringify(found));
