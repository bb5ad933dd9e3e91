import OpenAI from "openai";
import {admin,hits,call,B} from "/tmp/e-lib.ts"; import { readFileSync } from "node:fs";
const k1=readFileSync("/tmp/e-k1","utf8"), k2=readFileSync("/tmp/e-k2","utf8");
const last=async(n=1)=>{ const {body}=await admin("GET",`/api/usage/call-logs?limit=${n}`); return (body.logs??body.rows??body.requests??body).slice?.(0,n) };
const show=async(name:string,n=1)=>{ await Bun.sleep(300); for (const r of await last(n)) console.log(name,JSON.stringify({path:r.path,status:r.status,model:r.model,req:r.requestedModel,tok:r.tokens,cost:r.cost,kind:r.costKind,cache:r.cache,key:r.apiKeyName,att:r.attempts,err:r.error,dur:r.duration,ttft:r.ttft,sf:r.sourceFormat,tf:r.targetFormat})); };
const q=(x:any={})=>({model:"up/m",temperature:0,messages:[{role:"user",content:"row test"}],...x});
await call("/v1/chat/completions",q(),{},k1); await show("ok");
await call("/v1/chat/completions",q(),{},k1); await show("hit");
await call("/v1/chat/completions",q({temperature:1}),{"Idempotency-Key":"row1"},k1); await call("/v1/chat/completions",q({temperature:1}),{"Idempotency-Key":"row1"},k1); await show("replay",2);
await call("/v1/chat/completions",q({model:"up/fail500",temperature:1}),{},k1); await show("fail500");
await call("/v1/chat/completions",q({model:"up/fail400",temperature:1}),{},k1); await show("fail400");
await call("/v1/chat/completions",q({model:"nope/none"}),{},k1); await show("unknown model");
await call("/v1/chat/completions",{model:"up/m"},{},k1); await show("bad body");
await call("/v1/chat/completions",q(),{},"sk-omni-wrong-key-000000"); await show("wrong key");
{ const kk=(await admin("POST","/api/keys",{name:"limited",models:["up/other"],allowedModels:["up/other"]})).body; console.log("limited key", JSON.stringify(kk).slice(0,200)); await call("/v1/chat/completions",q(),{},kk.key); await show("model not allowed"); }
{ const ac=new AbortController(); const p=fetch(B+"/v1/chat/completions",{method:"POST",signal:ac.signal,headers:{authorization:"Bearer "+k1,"content-type":"application/json"},body:JSON.stringify(q({model:"up/slow3000",temperature:1}))}).catch(()=>{}); await Bun.sleep(300); ac.abort(); await p; await show("aborted whole"); }
{ const oa=new OpenAI({baseURL:B+"/v1",apiKey:k1,maxRetries:0}); const s=await oa.chat.completions.create({...q({model:"up/long",temperature:1}),stream:true} as any) as any; let i=0; for await (const c of s){ if(++i>2) break; } s.controller.abort(); await Bun.sleep(600); await show("aborted stream"); }
await call("/v1/embeddings",{model:"up/emb",input:"x"},{},k1); await show("embeddings");
await call("/v1/messages/count_tokens",{model:"up/m",messages:[{role:"user",content:"x"}]},{},k1); await show("count");
await call("/v1/chat/completions",q({model:"mock/429"}),{},k1); await show("429");
await call("/v1/chat/completions",q(),{"X-OmniRoute-Dry-Run":"true"},k1); await show("dry");
{ const bk=(await admin("POST","/api/keys",{name:"poor",budget:{dailyLimitUsd:0.00001}})).body; await call("/v1/chat/completions",q({temperature:1}),{},bk.key); const r=await call("/v1/chat/completions",q({temperature:1}),{},bk.key); console.log("poor",r.status); await show("budget"); }
console.log("sim embed rows", JSON.stringify((await admin("GET","/api/usage/call-logs?model=up/emb&limit=10")).body).slice(0,400));
const an=(await admin("GET","/api/usage/analytics?range=1d")).body; console.log(JSON.stringify(an.summary));
const hi=(await admin("GET","/api/usage/history")).body; console.log(Object.keys(hi), JSON.stringify(hi).slice(0,300));
