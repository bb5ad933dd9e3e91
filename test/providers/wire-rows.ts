/**
 * Every provider and everything it is asked for: provider | format or service with its shape | address of the first call |
 * header with the key or token | other headers it must have. Written from the vendors' documentation, not from the
 * declarations; MODEL, VOICE, KEY and TOKEN stand for what the test asks with.
 */
export const WIRE_ROWS = `
claude | anthropic | https://api.anthropic.com/v1/messages | authorization: Bearer TOKEN | anthropic-version: 2023-06-01 | anthropic-beta: oauth-2025-04-20
codex | openai-responses | https://chatgpt.com/backend-api/codex/responses | authorization: Bearer TOKEN | originator: omniroute | chatgpt-account-id: account-1
github | openai-chat | https://api.githubcopilot.com/chat/completions | authorization: Bearer TOKEN | editor-version: OmniRoute/0.1 | x-github-api-version: 2026-06-01
github | openai-responses | https://api.githubcopilot.com/responses | authorization: Bearer TOKEN | editor-version: OmniRoute/0.1 | x-github-api-version: 2026-06-01
github | anthropic | https://api.githubcopilot.com/v1/messages | authorization: Bearer TOKEN | editor-version: OmniRoute/0.1 | x-github-api-version: 2026-06-01 | anthropic-version: 2023-06-01
github | embeddings openai | https://api.githubcopilot.com/embeddings | authorization: Bearer TOKEN | editor-version: OmniRoute/0.1 | x-github-api-version: 2026-06-01
gemini-cli | gemini-enveloped | https://cloudcode-pa.googleapis.com/v1internal:generateContent | authorization: Bearer TOKEN
antigravity | gemini-enveloped | https://daily-cloudcode-pa.googleapis.com/v1internal:generateContent | authorization: Bearer TOKEN
kimi-coding | openai-chat | https://api.kimi.com/coding/v1/chat/completions | authorization: Bearer KEY
kimi-coding | anthropic | https://api.kimi.com/coding/v1/messages | x-api-key: KEY | anthropic-version: 2023-06-01
kilocode | openai-chat | https://api.kilo.ai/api/openrouter/chat/completions | authorization: Bearer TOKEN | x-kilocode-organizationid: organization-1
cline | openai-chat | https://api.cline.bot/api/v1/chat/completions | authorization: Bearer workos:TOKEN
openai | openai-chat | https://api.openai.com/v1/chat/completions | authorization: Bearer KEY
openai | openai-responses | https://api.openai.com/v1/responses | authorization: Bearer KEY
openai | embeddings openai | https://api.openai.com/v1/embeddings | authorization: Bearer KEY
openai | images openai | https://api.openai.com/v1/images/generations | authorization: Bearer KEY
openai | imageEdits openai | https://api.openai.com/v1/images/edits | authorization: Bearer KEY
openai | transcription openai | https://api.openai.com/v1/audio/transcriptions | authorization: Bearer KEY
openai | speech openai | https://api.openai.com/v1/audio/speech | authorization: Bearer KEY
openai | moderation openai | https://api.openai.com/v1/moderations | authorization: Bearer KEY
anthropic | anthropic | https://api.anthropic.com/v1/messages | x-api-key: KEY | anthropic-version: 2023-06-01
gemini | gemini | https://generativelanguage.googleapis.com/v1beta/models/MODEL:generateContent | x-goog-api-key: KEY
gemini | images gemini | https://generativelanguage.googleapis.com/v1beta/models/MODEL:generateContent | x-goog-api-key: KEY
gemini | imageEdits gemini | https://generativelanguage.googleapis.com/v1beta/models/MODEL:generateContent | x-goog-api-key: KEY
gemini | speech gemini | https://generativelanguage.googleapis.com/v1beta/models/MODEL:generateContent | x-goog-api-key: KEY
gemini | embeddings gemini | https://generativelanguage.googleapis.com/v1beta/models/MODEL:batchEmbedContents | x-goog-api-key: KEY
openrouter | openai-chat | https://openrouter.ai/api/v1/chat/completions | authorization: Bearer KEY
openrouter | embeddings openai | https://openrouter.ai/api/v1/embeddings | authorization: Bearer KEY
openrouter | images openai | https://openrouter.ai/api/v1/images | authorization: Bearer KEY
openrouter | speech openai | https://openrouter.ai/api/v1/audio/speech | authorization: Bearer KEY
openrouter | rerank cohere | https://openrouter.ai/api/v1/rerank | authorization: Bearer KEY
openrouter | transcription openrouter | https://openrouter.ai/api/v1/audio/transcriptions | authorization: Bearer KEY
deepseek | openai-chat | https://api.deepseek.com/chat/completions | authorization: Bearer KEY
groq | openai-chat | https://api.groq.com/openai/v1/chat/completions | authorization: Bearer KEY
groq | transcription openai | https://api.groq.com/openai/v1/audio/transcriptions | authorization: Bearer KEY
groq | speech openai | https://api.groq.com/openai/v1/audio/speech | authorization: Bearer KEY
xai | openai-chat | https://api.x.ai/v1/chat/completions | authorization: Bearer KEY
xai | openai-responses | https://api.x.ai/v1/responses | authorization: Bearer KEY
xai | images openai | https://api.x.ai/v1/images/generations | authorization: Bearer KEY
xai | imageEdits xai | https://api.x.ai/v1/images/edits | authorization: Bearer KEY
xai | transcription openai | https://api.x.ai/v1/stt | authorization: Bearer KEY
xai | speech xai | https://api.x.ai/v1/tts | authorization: Bearer KEY
mistral | openai-chat | https://api.mistral.ai/v1/chat/completions | authorization: Bearer KEY
mistral | embeddings openai | https://api.mistral.ai/v1/embeddings | authorization: Bearer KEY
mistral | moderation openai | https://api.mistral.ai/v1/moderations | authorization: Bearer KEY
mistral | transcription openai | https://api.mistral.ai/v1/audio/transcriptions | authorization: Bearer KEY
mistral | speech openai | https://api.mistral.ai/v1/audio/speech | authorization: Bearer KEY
perplexity | openai-responses | https://api.perplexity.ai/v1/responses | authorization: Bearer KEY
together | openai-chat | https://api.together.xyz/v1/chat/completions | authorization: Bearer KEY
together | embeddings openai | https://api.together.xyz/v1/embeddings | authorization: Bearer KEY
together | images openai | https://api.together.xyz/v1/images/generations | authorization: Bearer KEY
together | rerank cohere | https://api.together.xyz/v1/rerank | authorization: Bearer KEY
together | transcription openai | https://api.together.xyz/v1/audio/transcriptions | authorization: Bearer KEY
together | speech openai | https://api.together.xyz/v1/audio/speech | authorization: Bearer KEY
fireworks | openai-chat | https://api.fireworks.ai/inference/v1/chat/completions | authorization: Bearer KEY
fireworks | anthropic | https://api.fireworks.ai/inference/v1/messages | authorization: Bearer KEY | anthropic-version: 2023-06-01
fireworks | embeddings openai | https://api.fireworks.ai/inference/v1/embeddings | authorization: Bearer KEY
fireworks | images fireworks | https://api.fireworks.ai/inference/v1/workflows/MODEL/text_to_image | authorization: Bearer KEY
fireworks | rerank cohere | https://api.fireworks.ai/inference/v1/rerank | authorization: Bearer KEY
fireworks | transcription openai | https://audio-prod.api.fireworks.ai/v1/audio/transcriptions | authorization: Bearer KEY
cerebras | openai-chat | https://api.cerebras.ai/v1/chat/completions | authorization: Bearer KEY
cohere | openai-chat | https://api.cohere.ai/compatibility/v1/chat/completions | authorization: Bearer KEY
cohere | embeddings cohere | https://api.cohere.com/v2/embed | authorization: Bearer KEY
cohere | rerank cohere | https://api.cohere.com/v2/rerank | authorization: Bearer KEY
cohere | transcription openai | https://api.cohere.com/v2/audio/transcriptions | authorization: Bearer KEY
nvidia | openai-chat | https://integrate.api.nvidia.com/v1/chat/completions | authorization: Bearer KEY
nvidia | embeddings openai | https://integrate.api.nvidia.com/v1/embeddings | authorization: Bearer KEY
nvidia | rerank nvidia | https://ai.api.nvidia.com/v1/retrieval/MODEL/reranking | authorization: Bearer KEY
nebius | openai-chat | https://api.tokenfactory.nebius.com/v1/chat/completions | authorization: Bearer KEY
nebius | embeddings openai | https://api.tokenfactory.nebius.com/v1/embeddings | authorization: Bearer KEY
nebius | images openai | https://api.tokenfactory.nebius.com/v1/images/generations | authorization: Bearer KEY
siliconflow | openai-chat | https://api.siliconflow.com/v1/chat/completions | authorization: Bearer KEY
siliconflow | embeddings openai | https://api.siliconflow.com/v1/embeddings | authorization: Bearer KEY
siliconflow | images openai | https://api.siliconflow.com/v1/images/generations | authorization: Bearer KEY
siliconflow | rerank cohere | https://api.siliconflow.com/v1/rerank | authorization: Bearer KEY
siliconflow | transcription openai | https://api.siliconflow.com/v1/audio/transcriptions | authorization: Bearer KEY
siliconflow | speech openai | https://api.siliconflow.com/v1/audio/speech | authorization: Bearer KEY
hyperbolic | openai-chat | https://api.hyperbolic.xyz/v1/chat/completions | authorization: Bearer KEY
hyperbolic | images hyperbolic | https://api.hyperbolic.xyz/v1/image/generation | authorization: Bearer KEY
hyperbolic | speech hyperbolic | https://api.hyperbolic.xyz/v1/audio/generation | authorization: Bearer KEY
deepgram | transcription deepgram | https://api.deepgram.com/v1/listen | authorization: Token KEY
deepgram | speech deepgram | https://api.deepgram.com/v1/speak | authorization: Token KEY
assemblyai | transcription assemblyai | https://api.assemblyai.com/v2/upload | authorization: KEY
nanobanana | images nanobanana | https://api.nanobananaapi.ai/api/v1/nanobanana/generate | authorization: Bearer KEY
vertex | gemini | https://aiplatform.googleapis.com/v1/publishers/google/models/MODEL:generateContent | x-goog-api-key: KEY
vertex | images gemini | https://aiplatform.googleapis.com/v1/publishers/google/models/MODEL:generateContent | x-goog-api-key: KEY
vertex | imageEdits gemini | https://aiplatform.googleapis.com/v1/publishers/google/models/MODEL:generateContent | x-goog-api-key: KEY
vertex | speech gemini | https://aiplatform.googleapis.com/v1/publishers/google/models/MODEL:generateContent | x-goog-api-key: KEY
zai | openai-chat | https://api.z.ai/api/paas/v4/chat/completions | authorization: Bearer KEY
zai | anthropic | https://api.z.ai/api/anthropic/v1/messages | authorization: Bearer KEY | anthropic-version: 2023-06-01
alibaba | openai-chat | https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions | authorization: Bearer KEY
alibaba | embeddings openai | https://dashscope-intl.aliyuncs.com/compatible-mode/v1/embeddings | authorization: Bearer KEY
alicode-intl | openai-chat | https://coding-intl.dashscope.aliyuncs.com/v1/chat/completions | authorization: Bearer KEY
alicode | openai-chat | https://coding.dashscope.aliyuncs.com/v1/chat/completions | authorization: Bearer KEY
bailian-coding-plan | anthropic | https://coding-intl.dashscope.aliyuncs.com/apps/anthropic/v1/messages | authorization: Bearer KEY | anthropic-version: 2023-06-01
huggingface | openai-chat | https://router.huggingface.co/v1/chat/completions | authorization: Bearer KEY
ollama-cloud | openai-chat | https://ollama.com/v1/chat/completions | authorization: Bearer KEY
opencode-zen | openai-chat | https://opencode.ai/zen/v1/chat/completions | authorization: Bearer KEY
opencode-go | openai-chat | https://opencode.ai/zen/go/v1/chat/completions | authorization: Bearer KEY
kilo-gateway | openai-chat | https://api.kilo.ai/api/gateway/chat/completions | authorization: Bearer KEY
synthetic | openai-chat | https://api.synthetic.new/openai/v1/chat/completions | authorization: Bearer KEY
scaleway | openai-chat | https://api.scaleway.ai/v1/chat/completions | authorization: Bearer KEY
scaleway | embeddings openai | https://api.scaleway.ai/v1/embeddings | authorization: Bearer KEY
cloudflare-ai | openai-chat | https://api.cloudflare.com/client/v4/accounts/ACCOUNT_ID/ai/v1/chat/completions | authorization: Bearer KEY
cloudflare-ai | embeddings openai | https://api.cloudflare.com/client/v4/accounts/ACCOUNT_ID/ai/v1/embeddings | authorization: Bearer KEY
longcat | openai-chat | https://longcat.chat/api/v1/chat/completions | authorization: Bearer KEY
blackbox | openai-chat | https://api.blackbox.ai/v1/chat/completions | authorization: Bearer KEY
aimlapi | openai-chat | https://api.aimlapi.com/v1/chat/completions | authorization: Bearer KEY
aimlapi | embeddings openai | https://api.aimlapi.com/v1/embeddings | authorization: Bearer KEY
pollinations | openai-chat | https://text.pollinations.ai/openai | authorization: Bearer KEY
jina | embeddings openai | https://api.jina.ai/v1/embeddings | authorization: Bearer KEY
jina | rerank cohere | https://api.jina.ai/v1/rerank | authorization: Bearer KEY
voyage | embeddings openai | https://api.voyageai.com/v1/embeddings | authorization: Bearer KEY
voyage | rerank cohere | https://api.voyageai.com/v1/rerank | authorization: Bearer KEY
elevenlabs | transcription openai | https://api.elevenlabs.io/v1/speech-to-text | xi-api-key: KEY
elevenlabs | speech elevenlabs | https://api.elevenlabs.io/v1/text-to-speech/VOICE/stream | xi-api-key: KEY
cartesia | speech cartesia | https://api.cartesia.ai/tts/bytes | x-api-key: KEY | cartesia-version: 2025-04-16
cartesia | transcription openai | https://api.cartesia.ai/stt | x-api-key: KEY | cartesia-version: 2025-04-16
inworld | speech inworld | https://api.inworld.ai/tts/v1/voice | authorization: Basic KEY
glm | anthropic | https://api.z.ai/api/anthropic/v1/messages | authorization: Bearer KEY | anthropic-version: 2023-06-01
glm | openai-chat | https://api.z.ai/api/coding/paas/v4/chat/completions | authorization: Bearer KEY
minimax | anthropic | https://api.minimax.io/anthropic/v1/messages | authorization: Bearer KEY | anthropic-version: 2023-06-01
minimax | openai-chat | https://api.minimax.io/v1/chat/completions | authorization: Bearer KEY
minimax | images minimax | https://api.minimax.io/v1/image_generation | authorization: Bearer KEY
minimax | speech minimax | https://api.minimax.io/v1/t2a_v2 | authorization: Bearer KEY
minimax-cn | anthropic | https://api.minimaxi.com/anthropic/v1/messages | authorization: Bearer KEY | anthropic-version: 2023-06-01
minimax-cn | images minimax | https://api.minimaxi.com/v1/image_generation | authorization: Bearer KEY
minimax-cn | speech minimax | https://api.minimaxi.com/v1/t2a_v2 | authorization: Bearer KEY
kimi | openai-chat | https://api.moonshot.ai/v1/chat/completions | authorization: Bearer KEY
kiro | kiro | https://codewhisperer.us-east-1.amazonaws.com/generateAssistantResponse | authorization: Bearer TOKEN | accept: application/vnd.amazon.eventstream | x-amz-target: AmazonCodeWhispererStreamingService.GenerateAssistantResponse
ollama | openai-chat | http://localhost:11434/v1/chat/completions | authorization: Bearer KEY
ollama | embeddings openai | http://localhost:11434/v1/embeddings | authorization: Bearer KEY
lmstudio | openai-chat | http://localhost:1234/v1/chat/completions | authorization: Bearer KEY
lmstudio | embeddings openai | http://localhost:1234/v1/embeddings | authorization: Bearer KEY
vllm | openai-chat | http://localhost:8000/v1/chat/completions | authorization: Bearer KEY
vllm | embeddings openai | http://localhost:8000/v1/embeddings | authorization: Bearer KEY
vllm | rerank cohere | http://localhost:8000/v1/rerank | authorization: Bearer KEY
vllm | transcription openai | http://localhost:8000/v1/audio/transcriptions | authorization: Bearer KEY
llamacpp | openai-chat | http://localhost:8080/v1/chat/completions | authorization: Bearer KEY
llamacpp | embeddings openai | http://localhost:8080/v1/embeddings | authorization: Bearer KEY
llamacpp | rerank cohere | http://localhost:8080/v1/rerank | authorization: Bearer KEY
sdwebui | images sdwebui | http://localhost:7860/sdapi/v1/txt2img | authorization: Bearer KEY
`
  .trim()
  .split("\n")
  .map((line) => {
    const [provider, wire, url, auth, ...headers] = line.split(" | ") as [string, string, string, string];
    return { provider, wire, url, headers: Object.fromEntries([auth, ...headers].map(pairOf)) };
  });

export type WireRow = (typeof WIRE_ROWS)[number];

function pairOf(header: string): [name: string, value: string] {
  const colon = header.indexOf(": ");
  return [header.slice(0, colon), header.slice(colon + 2)];
}
