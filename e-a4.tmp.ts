import {admin,hits,call,B} from "/tmp/e-lib.ts";
const j=(x:any)=>JSON.stringify(x)?.slice(0,420);
console.log("list",j((await admin("GET","/api/evals")).body));
const g=(await admin("GET","/api/evals/golden-set")).body; console.log(g.name,g.cases.length,g.cases.map((c:any)=>c.id).join());
for (const [s,e,o] of [["exact","4","4\r\n"],["exact","4","4"],["exact","4"," 4"],["contains","Paris","it is PARIS."],["regex","1.*2.*3","1, 2, 3"],["regex","(a+)+$","a".repeat(5000)+"b"],["regex",{value:"HELLO",flags:"i"},"hello"],["regex","(a)\\1","aa"],["regex","(","x"],["custom","output.length > 10","short"],["custom","(output) => output.length > 10","longer than ten"],["custom","function(output){ return output.includes('x') }","xx"],["custom","process.exit()","x"],["custom","output.constructor.constructor('return 1')()","x"],["custom","while(true){}","x"],["custom","JSON.parse(output).a === 1",'{"a":1}'],["custom","/^a+$/.test(output)","aaa"],["judge","is polite","thanks"]] as any) { const r=await admin("POST","/api/evals/check",{strategy:s,expected:e,output:o}); console.log("check",s,j(e),r.status,j(r.body)); }
console.log("outputs",j((await admin("POST","/api/evals",{suiteId:"golden-set",outputs:{arithmetic:"4",geography:"Paris"}})).body));
console.log("put",j((await admin("PUT","/api/evals/mine",{name:"Mine",cases:[{id:"a",name:"A",input:"Say hi",expected:{strategy:"contains",value:"answer"}},{id:"b",name:"B",input:"Say hi",expected:{strategy:"judge",value:"is it kind",model:"mock/echo"}}]})).body));
console.log("bad put",(await admin("PUT","/api/evals/mine2",{name:"x",cases:[{id:"a",name:"A",input:"x",expected:{strategy:"regex",value:"("}}]})).body.error);
console.log("estimate",j((await admin("POST","/api/evals/estimate",{suiteId:"mine",models:["up/m","mock/echo","nope/x"]})).body));
const run=(await admin("POST","/api/evals",{suiteId:"mine",models:["up/m","mock/echo"],parallel:4})).body; console.log("run",j(run));
const bg=(await admin("POST","/api/evals",{suiteId:"golden-set",models:["up/m","mock/echo"],background:true})); console.log("bg",bg.status,j(bg.body));
const ev=await fetch(B+`/api/evals/runs/${bg.body.runId}/events`,{headers:{authorization:"Bearer "+(await import("/tmp/e-lib.ts")).owner}}); console.log("events",(await ev.text()).slice(0,500));
const runs=(await admin("GET","/api/evals/runs?limit=5")).body; console.log("runs",j(runs)); const ids=(runs.runs??runs).map((r:any)=>r.id); console.log("compare",j((await admin("GET",`/api/evals/compare?runs=${ids.slice(0,2).join()}`)).body));
console.log("del",(await admin("DELETE","/api/evals/golden-set")).status,(await admin("DELETE","/api/evals/mine")).status);
