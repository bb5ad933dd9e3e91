import OpenAI from "openai"; import Anthropic from "@anthropic-ai/sdk"; import { GoogleGenAI } from "@google/genai";
import {admin,hits,call,B} from "/tmp/e-lib.ts"; import { readFileSync } from "node:fs";
const k1=readFileSync("/tmp/e-k1","utf8"), k2=readFileSync("/tmp/e-k2","utf8");
const h=(r:any)=>["x-omniroute-cache","x-omniroute-cache-hit","x-omniroute-idempotent","x-omniroute-response-cost","x-omniroute-tokens-in","x-omniroute-tokens-out","x-omniroute-cache-similarity","x-omniroute-progress"].map(n=>r.get(n)&&`${n.slice(12)}=${r.get(n)}`).filter(Boolean).join(" ");
const oa=new OpenAI({baseURL:B+"/v1",apiKey:k1,maxRetries:0}), oa2=new OpenAI({baseURL:B+"/v1",apiKey:k2,maxRetries:0});
const an=new Anthropic({baseURL:B,apiKey:k1,maxRetries:0}); const gg=new GoogleGenAI({apiKey:k1,httpOptions:{baseUrl:B}});
const q={model:"up/m",temperature:0,max_tokens:50,messages:[{role:"user" as const,content:"What is your refund policy?"}]};
const one=async(c=oa,x:any={},opts:any={})=>{const {data,response}=await c.chat.completions.create({...q,...x},opts).withResponse(); return [(data as any).choices[0].message.content,h(response.headers),await hits()]};
console.log("first",await one()); console.log("again",await one()); console.log("other key",await one(oa2)); console.log("no temp",await one(oa,{temperature:undefined})); console.log("temp .5", await one(oa,{temperature:.5}));
console.log("nocache",await one(oa,{},{headers:{"X-OmniRoute-No-Cache":"true"}}));
console.log("n=2",await one(oa,{n:2})); console.log("seed",await one(oa,{seed:1})); 
{ const {data,response}=await an.messages.create({model:"up/m",temperature:0,max_tokens:50,messages:[{role:"user",content:"What is your refund policy?"}]}).withResponse(); console.log("anthropic",data.type,JSON.stringify(data.content),h(response.headers),await hits()) }
{ const r=await gg.models.generateContent({model:"up/m",contents:"What is your refund policy?",config:{temperature:0,maxOutputTokens:50}}); console.log("gemini",r.text,await hits()) }
{ const {data,response}=await oa.responses.create({model:"up/m",temperature:0,max_output_tokens:50,input:"What is your refund policy?"}).withResponse(); console.log("responses",data.output_text,h(response.headers),await hits()) }
// stream of a cached one (cacheStreams false)
{ const s=await oa.chat.completions.create({...q,stream:true}); let t=""; for await(const c of s) t+=c.choices[0]?.delta?.content??""; console.log("stream off",t,await hits()) }
await admin("PATCH","/api/settings",{cacheStreams:true});
for (const i of [1,2]) { const {data:s,response}=await oa.chat.completions.create({...q,stream:true,stream_options:{include_usage:true}}).withResponse(); let t="",u; for await(const c of s) {t+=c.choices[0]?.delta?.content??""; u=c.usage??u} console.log("stream on",t,JSON.stringify(u),h(response.headers),await hits()) }
{ const s=an.messages.stream({model:"up/m",temperature:0,max_tokens:50,messages:[{role:"user",content:"What is your refund policy?"}]}); console.log("anth stream",(await s.finalMessage()).content,await hits()) }
// ttl
await admin("PATCH","/api/settings",{cacheTtlMs:1000});
console.log("ttl new",await one(oa,{max_tokens:51})); await Bun.sleep(1300); console.log("ttl after",await one(oa,{max_tokens:51}));
await admin("PATCH","/api/settings",{cacheTtlMs:3600000,cacheStreams:false});
console.log("scope instance", (await admin("PATCH","/api/settings",{cacheScope:"instance"})).status, await one(oa,{max_tokens:52}), await one(oa2,{max_tokens:52}));
await admin("PATCH","/api/settings",{cacheScope:"key"});
console.log("err400", await one(oa,{model:"up/fail400"}).catch((e:any)=>e.status+" "+e.message)); 
// similarity
console.log("sim", (await admin("PATCH","/api/settings",{cacheSimilarity:{model:"up/emb",threshold:0.9}})).status);
console.log(await one(oa,{messages:[{role:"user",content:"How do refunds work here?"}]})); console.log(await one(oa,{messages:[{role:"user",content:"Tell me how refunds work here"}]}));
console.log("similar", JSON.stringify((await admin("GET","/api/cache/similar")).body));
await admin("PATCH","/api/settings",{cacheSimilarity:{model:"",threshold:0.97}});
console.log(JSON.stringify((await admin("GET","/api/cache")).body,null,0));
