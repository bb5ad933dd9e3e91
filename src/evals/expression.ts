import jsep from "jsep";
import { FUNCTIONS, LONGEST_TEXT, METHODS } from "./expression-words.ts";

/** What is wrong with an expression, in words for the person who wrote it. */
export class ExpressionError extends Error {}

const LONGEST_EXPRESSION = 2000;
const MOST_STEPS = 10_000;
/** Searching with a pattern is the only word that takes longer than reading the text once. */
const MOST_SEARCHES = 5;

/**
 * Reads an expression over `output` in the words of JavaScript: comparison, logic, arithmetic, `? :`, properties,
 * and the functions and methods of `expression-words.ts`. `output => …` and `function (output) { return … }` are
 * understood too. There are no loops, no
 * assignments and no way to anything outside, so that whoever writes one can waste nothing but his own check. Gives a
 * function from output to value. Both throw `ExpressionError`.
 */
export function parseExpression(source: string): (output: string) => unknown {
  if (source.length > LONGEST_EXPRESSION)
    throw new ExpressionError(`An expression may have at most ${LONGEST_EXPRESSION} characters.`);
  const { name, body } = partsOf(source);
  const tree = parsed(body);
  return (output) => {
    const evaluation = new Evaluation(name, output.slice(0, LONGEST_TEXT));
    return nestedAtMost(() => evaluation.value(tree));
  };
}

/** Parentheses nested thousands deep are said to be that. */
function nestedAtMost<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new ExpressionError("The expression is nested too deep.");
    throw error;
  }
}

/**
 * Refuses an expression that names what is not there, before anything is asked: a check would only ever fail. Throws
 * `ExpressionError`.
 */
export function verifyExpression(source: string): void {
  parseExpression(source);
  const { name, body } = partsOf(source);
  nestedAtMost(() => verifyNames(parsed(body), name));
}

const HEAD =
  /^\s*(?:function\b\s*[\w$]*\s*\(\s*([A-Za-z_$][\w$]*)\s*\)|\(?\s*([A-Za-z_$][\w$]*)\s*\)?\s*=>)\s*/;
const RETURN = /^\{\s*return\b([^]*?);?\s*\}\s*;?\s*$/;

/** The expression, and what it calls the answer. */
function partsOf(source: string): { name: string; body: string } {
  const head = HEAD.exec(source);
  if (!head) return { name: "output", body: source };
  const rest = source.slice(head[0].length);
  return { name: head[1] ?? head[2] ?? "output", body: RETURN.exec(rest)?.[1] ?? rest };
}

function verifyNames(node: Node, name: string): void {
  if (node.type === "Identifier") {
    if (node.name !== name && node.name !== "undefined") throw unknownName(String(node.name), name);
    return;
  }
  if (node.type === "CallExpression") return verifyCall(node, name);
  const inner = [
    node.test,
    node.consequent,
    node.alternate,
    node.argument,
    node.left,
    node.right,
    node.object,
  ];
  if (node.computed === true) inner.push(node.property);
  for (const each of [...inner, ...((node.elements ?? []) as unknown[])])
    if (isNode(each)) verifyNames(each, name);
}

function verifyCall(node: Node, name: string): void {
  for (const argument of node.arguments as Node[]) verifyNames(argument, name);
  const callee = node.callee as Node;
  if (callee.type === "Identifier") {
    if (!Object.hasOwn(FUNCTIONS, callee.name as string)) throw unknownFunction(callee.name as string);
    return;
  }
  if (callee.type !== "MemberExpression") throw new ExpressionError("Only named functions can be called.");
  const inner = callee.object as Node;
  if (inner.type === "Identifier" && isHome(inner.name)) {
    const full = `${String(inner.name)}.${String((callee.property as Node).name)}`;
    if (!Object.hasOwn(FUNCTIONS, full)) throw unknownFunction(full);
    return;
  }
  verifyNames(inner, name);
  const method = callee.computed === true ? undefined : String((callee.property as Node).name);
  if (method !== undefined && !Object.values(METHODS).some((words) => words && Object.hasOwn(words, method)))
    throw unknownFunction(method);
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value;

/** Objects of JavaScript that only stand before the names of functions. */
const isHome = (name: unknown): boolean => name === "Math" || name === "JSON";

const unknownName = (found: string, name: string) =>
  new ExpressionError(`There is no \`${found}\` here: the answer is called \`${name}\`.`);
const unknownFunction = (name: string) => new ExpressionError(`There is no function \`${name}\` here.`);

function parsed(body: string): Node {
  try {
    const tree = jsep(body) as Node;
    if (tree.type === "Compound") throw new ExpressionError("There must be one expression alone.");
    return tree;
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    throw new ExpressionError(`The expression cannot be read: ${(error as Error).message}`);
  }
}

type Node = jsep.Expression & { [field: string]: any };

class Evaluation {
  #steps = 0;
  #searches = 0;

  constructor(
    readonly name: string,
    readonly output: string,
  ) {}

  value(node: Node): unknown {
    if (++this.#steps > MOST_STEPS) throw new ExpressionError("The expression takes too many steps.");
    switch (node.type) {
      case "Literal":
        return node.value;
      case "Identifier":
        return this.#named(node.name as string);
      case "ArrayExpression":
        return (node.elements as Node[]).map((element) => this.value(element));
      case "UnaryExpression":
        return unary(node.operator as string, this.value(node.argument as Node));
      case "BinaryExpression":
      case "LogicalExpression":
        return this.#binary(node);
      case "ConditionalExpression":
        return this.value((this.value(node.test as Node) ? node.consequent : node.alternate) as Node);
      case "MemberExpression":
        return property(this.value(node.object as Node), this.#propertyName(node));
      case "CallExpression":
        return this.#call(node);
      default:
        throw new ExpressionError(`There is no ${node.type} here.`);
    }
  }

  #named(name: string): unknown {
    if (name === this.name) return this.output;
    if (name === "undefined") return undefined;
    throw unknownName(name, this.name);
  }

  #binary({ operator, left, right }: Node): unknown {
    const first = this.value(left as Node);
    if (operator === "&&") return first && this.value(right as Node);
    if (operator === "||") return first || this.value(right as Node);
    if (operator === "??") return first ?? this.value(right as Node);
    return binary(operator as string, first, this.value(right as Node));
  }

  #propertyName(node: Node): string | number {
    const inner = node.property as Node;
    const name: unknown = node.computed === true ? this.value(inner) : inner.name;
    if (typeof name === "string" || typeof name === "number") return name;
    throw new ExpressionError("A property is named by a text or a number.");
  }

  #call(node: Node): unknown {
    const values = (node.arguments as Node[]).map((argument) => this.value(argument));
    const callee = node.callee as Node;
    if (callee.name === "matches" && ++this.#searches > MOST_SEARCHES)
      throw new ExpressionError(`\`matches\` may be called ${MOST_SEARCHES} times.`);
    if (callee.type === "Identifier") return called(FUNCTIONS, callee.name as string, undefined, values);
    if (callee.type !== "MemberExpression") throw new ExpressionError("Only named functions can be called.");
    const name = String(this.#propertyName(callee));
    const inner = callee.object as Node;
    if (inner.type === "Identifier" && isHome(inner.name))
      return called(FUNCTIONS, `${String(inner.name)}.${name}`, undefined, values);
    const object = this.value(inner);
    const kind = typeof object === "string" ? "text" : Array.isArray(object) ? "list" : "other";
    return called(METHODS[kind] ?? {}, name, object, values);
  }
}

type Words = { readonly [name: string]: (self: any, ...values: any[]) => unknown };

function called(words: Words, name: string, self: unknown, values: unknown[]): unknown {
  const word = Object.hasOwn(words, name) ? words[name] : undefined;
  if (!word) throw unknownFunction(name);
  try {
    return bounded(word(self, ...values));
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    throw new ExpressionError(`\`${name}\`: ${(error as Error).message}`);
  }
}

function property(object: unknown, name: string | number): unknown {
  if (typeof object === "string" || Array.isArray(object))
    return name === "length" || typeof name === "number" ? object[name as number] : undefined;
  if (typeof object === "object" && object !== null && Object.hasOwn(object, name))
    return (object as { [field: string]: unknown })[name];
  return undefined;
}

function unary(operator: string, value: any): unknown {
  switch (operator) {
    case "!":
      return !value;
    case "-":
      return -number(value);
    case "+":
      return number(value);
    default:
      throw new ExpressionError(`There is no operator \`${operator}\` here.`);
  }
}

function binary(operator: string, left: any, right: any): unknown {
  switch (operator) {
    case "===":
    case "==":
      return left === right;
    case "!==":
    case "!=":
      return left !== right;
    case "<":
      return comparable(left) < comparable(right);
    case "<=":
      return comparable(left) <= comparable(right);
    case ">":
      return comparable(left) > comparable(right);
    case ">=":
      return comparable(left) >= comparable(right);
    case "+":
      return typeof left === "string" || typeof right === "string"
        ? bounded(`${plain(left)}${plain(right)}`)
        : number(left) + number(right);
    case "-":
      return number(left) - number(right);
    case "*":
      return number(left) * number(right);
    case "/":
      return number(left) / number(right);
    case "%":
      return number(left) % number(right);
    default:
      throw new ExpressionError(`There is no operator \`${operator}\` here.`);
  }
}

/** Objects have no text or number of their own here: asking one would run its methods. */
function plain(value: unknown): string {
  if (typeof value === "object" && value !== null) throw new ExpressionError("A list or object is no text.");
  return String(value);
}

function number(value: unknown): number {
  if (typeof value === "object" && value !== null)
    throw new ExpressionError("A list or object is no number.");
  return Number(value);
}

const comparable = (value: unknown): number | string => (typeof value === "string" ? value : number(value));

function bounded<Value>(value: Value): Value {
  if (typeof value === "string" && value.length > LONGEST_TEXT)
    throw new ExpressionError(`A text grew beyond ${LONGEST_TEXT} characters.`);
  return value;
}
