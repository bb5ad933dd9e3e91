import { fieldSteps, json, quoted, type Recipe, shellWord } from "./recipe.ts";

export const curl: Recipe = {
  id: "curl",
  name: "curl",
  steps: ({ base, key, model }) => [
    { text: "recipe.run" },
    {
      shell: [
        `curl ${shellWord(`${base}/v1/chat/completions`)} \\`,
        `  -H ${shellWord(`Authorization: Bearer ${key}`)} \\`,
        `  -d ${shellWord(JSON.stringify({ model, messages: [{ role: "user", content: "Hello!" }] }))}`,
      ].join("\n"),
    },
  ],
};

export const openaiSdk: Recipe = {
  id: "openai-sdk",
  name: "OpenAI SDK",
  steps: ({ base, key, model }) => [
    {
      file: "Python",
      code: `from openai import OpenAI

client = OpenAI(base_url=${quoted(`${base}/v1`)}, api_key=${quoted(key)})
answer = client.chat.completions.create(
    model=${quoted(model)},
    messages=[{"role": "user", "content": "Hello!"}],
)
print(answer.choices[0].message.content)`,
    },
    {
      file: "TypeScript",
      code: `import OpenAI from "openai";

const client = new OpenAI({ baseURL: ${quoted(`${base}/v1`)}, apiKey: ${quoted(key)} });
const answer = await client.chat.completions.create({
  model: ${quoted(model)},
  messages: [{ role: "user", content: "Hello!" }],
});
console.log(answer.choices[0].message.content);`,
    },
    { text: "recipe.sdk.others", gaps: { value: `${base}/v1` } },
  ],
};

export const anthropicSdk: Recipe = {
  id: "anthropic-sdk",
  name: "Anthropic SDK",
  steps: ({ base, key, model }) => [
    {
      file: "Python",
      code: `from anthropic import Anthropic

client = Anthropic(base_url=${quoted(base)}, auth_token=${quoted(key)})
answer = client.messages.create(
    model=${quoted(model)},
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello!"}],
)
print(answer.content[0].text)`,
    },
  ],
};

export const googleSdk: Recipe = {
  id: "google-sdk",
  name: "Google Gen AI SDK",
  steps: ({ base, key, model }) => [
    {
      file: "Python",
      code: `from google import genai

client = genai.Client(api_key=${quoted(key)}, http_options={"base_url": ${quoted(base)}})
answer = client.models.generate_content(model=${quoted(model)}, contents="Hello!")
print(answer.text)`,
    },
  ],
};

export const aider: Recipe = {
  id: "aider",
  name: "Aider · pi · NanoBot · …",
  steps: ({ base, key, model }) => [
    { text: "recipe.openai-like" },
    ...fieldSteps({ base, key, model }),
    {
      file: "Aider",
      code: `export OPENAI_API_BASE=${shellWord(`${base}/v1`)}\nexport OPENAI_API_KEY=${shellWord(key)}\naider --model ${shellWord(`openai/${model}`)}`,
    },
    {
      file: "pi · ~/.pi/agent/models.json",
      code: json({
        providers: {
          omniroute: {
            baseUrl: `${base}/v1`,
            api: "openai-completions",
            apiKey: key,
            models: [{ id: model }],
          },
        },
      }),
    },
  ],
};
