export { ProofKeeper, type ProofShelf } from "./proof-keeper.ts";
