import type { EmbeddingPurpose } from "../../../core/services.ts";

/** What clients call a purpose: Cohere's `input_type`, NVIDIA's and Voyage's, Google's `taskType`, in lower case. */
export const PURPOSE_OF: Readonly<{ [word: string]: EmbeddingPurpose | undefined }> = {
  query: "query",
  search_query: "query",
  retrieval_query: "query",
  question_answering: "query",
  fact_verification: "query",
  code_retrieval_query: "query",
  document: "document",
  passage: "document",
  search_document: "document",
  retrieval_document: "document",
  semantic_similarity: "similarity",
  classification: "classification",
  clustering: "clustering",
};
