import {admin,hits,call,B} from "/tmp/e-lib.ts"; import { readFileSync } from "node:fs";
const k1=readFileSync("/tmp/e-k1","utf8"), k2=readFileSync("/tmp/e-k2","utf8");
const q=(x:any={})=>({model:"up/m",messages:[{role:"user",content:"hi"}],...x});
const c=async(name:string,b:any,hd:any,key=k1,p="/v1/chat/completions")=>{const r=await call(p,b,hd,key); const m=/answer \d+/.exec(r.text)?.[0]; console.log(name,r.status,m??r.text.slice(0,160),"idem="+r.h.get("x-omniroute-idempotent"),"hits="+await hits()); return r};
let id="K"+Date.now();
await c("1",q(),{"Idempotency-Key":id}); await c("2 same",q(),{"Idempotency-Key":id}); await c("3 other key",q(),{"Idempotency-Key":id},k2); await c("4 other body",q({max_tokens:5}),{"Idempotency-Key":id});
await c("5 other endpoint",{model:"up/m",max_tokens:20,messages:[{role:"user",content:"hi"}]},{"Idempotency-Key":id},k1,"/v1/messages");
id="X"+Date.now(); await c("6 xrid",q(),{"X-Request-Id":id}); await c("7 xrid same",q(),{"X-Request-Id":id}); await c("8 xrid other body",q({max_tokens:5}),{"X-Request-Id":id});
id="F"+Date.now(); await c("9 fail",q({model:"up/fail500"}),{"Idempotency-Key":id}); await c("10 fail again",q({model:"up/fail500"}),{"Idempotency-Key":id});
id="C"+Date.now(); const n0=await hits(); const rs=await Promise.all([1,2,3,4].map(i=>call("/v1/chat/completions",q({model:"up/slow500"}),{"Idempotency-Key":id},k1))); console.log("concurrent",rs.map(r=>[r.status,/answer \d+/.exec(r.text)?.[0],r.h.get("x-omniroute-idempotent")].join()),await hits()-n0);
id="S"+Date.now(); const n1=await hits(); const ss=await Promise.all([1,2,3].map(i=>call("/v1/chat/completions",q({model:"up/slow300",stream:true}),{"Idempotency-Key":id},k1))); console.log("stream conc",ss.map(r=>[r.status,r.text.length,r.text.endsWith("data: [DONE]\n\n"),r.h.get("x-omniroute-idempotent"),r.h.get("content-type")].join()),new Set(ss.map(r=>r.text)).size,await hits()-n1);
const sa=await call("/v1/chat/completions",q({model:"up/slow300",stream:true}),{"Idempotency-Key":id},k1); console.log("stream later",sa.text===ss[0].text,sa.h.get("x-omniroute-idempotent"),await hits()-n1);
// first client leaves
id="L"+Date.now(); const ac=new AbortController(); const p1=fetch(B+"/v1/chat/completions",{method:"POST",signal:ac.signal,headers:{authorization:"Bearer "+k1,"content-type":"application/json","Idempotency-Key":id},body:JSON.stringify(q({model:"up/slow800"}))}).catch(e=>e.name); await Bun.sleep(100); const p2=call("/v1/chat/completions",q({model:"up/slow800"}),{"Idempotency-Key":id},k1); await Bun.sleep(100); ac.abort(); console.log("left",await p1,(await p2).status,(await p2).text.slice(0,120));
console.log("long", (await call("/v1/chat/completions",q(),{"Idempotency-Key":"a".repeat(256)},k1)).status);
await Bun.sleep(5500); await c("after window",q({model:"up/slow500"}),{"Idempotency-Key":"C0"}); 
id="W"+Date.now(); await c("w1",q(),{"Idempotency-Key":id}); await Bun.sleep(5300); await c("w2 after 5.3s",q(),{"Idempotency-Key":id}); 
console.log((await admin("PATCH","/api/settings",{idempotencyWindowMs:1000})).status); id="V"+Date.now(); await c("v1",q(),{"Idempotency-Key":id}); await Bun.sleep(1200); await c("v2",q(),{"Idempotency-Key":id}); await admin("PATCH","/api/settings",{idempotencyWindowMs:5000});
console.log((await admin("PATCH","/api/settings",{idempotencyWindowMs:500})).body.error?.message);
// progress
for (const [p,b] of [["/v1/chat/completions",q({model:"up/long",stream:true})],["/v1/messages",{model:"up/long",max_tokens:50,stream:true,messages:[{role:"user",content:"x"}]}],["/v1/responses",{model:"up/long",stream:true,input:"x"}],["/v1beta/models/up/long:streamGenerateContent?alt=sse",{contents:[{role:"user",parts:[{text:"x"}]}]}]] as any) { const r=await call(p,b,{"X-OmniRoute-Progress":"true"},k1); const ev=r.text.split("\n\n").filter(Boolean); console.log(p,r.status,r.h.get("x-omniroute-progress"),ev.filter((e:string)=>e.includes("progress")).map((e:string)=>e.replace("\n"," ")), "last:",ev.slice(-3).map((e:string)=>e.slice(0,70).replace("\n","|"))) }
