import type { Json } from '../../support/api-server/json.ts';
import { fieldsOf, isList, isObject, sameJson } from '../../support/api-server/json.ts';

/**
 * As much of CEL as the rules of our CRD use, so that tests can judge a spec without an API server and without our parser.
 * Anything else is an error, never a guess. The cluster tests hold it against the real one.
 */
export function evaluate(rule: string, self: Json, oldSelf?: Json): boolean {
  const parser = new Parser(tokensOf(rule));
  const value = parser.whole()(oldSelf === undefined ? { self } : { self, oldSelf });
  if (typeof value !== 'boolean') throw new Error(`the rule ${rule} gives no truth: ${JSON.stringify(value)}`);
  return value;
}

type Names = Readonly<Record<string, Json>>;
type Expression = (names: Names) => Json;

const TOKEN = /\s*(?:(\d+)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z_]\w*)|(\|\||&&|[=!<>]=|[<>!.,()[\]]))/y;

interface Token {
  readonly kind: 'number' | 'text' | 'word' | 'sign' | 'end';
  readonly text: string;
}

function tokensOf(rule: string): readonly Token[] {
  const tokens: Token[] = [];
  const matcher = new RegExp(TOKEN);
  while (matcher.lastIndex < rule.trimEnd().length) {
    const at = matcher.lastIndex;
    const found = matcher.exec(rule);
    if (found === null) throw new Error(`this test does not know what stands at ${at} in the rule: ${rule}`);
    const [, number, literal, word, sign] = found;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (literal !== undefined) tokens.push({ kind: 'text', text: unquoted(literal) });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'sign', text: sign ?? '' });
  }
  return [...tokens, { kind: 'end', text: '' }];
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const unquoted = (literal: string): string =>
  literal.slice(1, -1).replaceAll(/\\(.)/g, (_whole, char: string) => ESCAPES[char] ?? char);

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#either();
    if (this.#next().kind !== 'end') throw new Error(`this test does not know what follows token ${this.#at}`);
    return expression;
  }

  #either(): Expression {
    let left = this.#both();
    while (this.#take('||')) {
      const [one, other] = [left, this.#both()];
      left = (names) => truth(one(names)) || truth(other(names));
    }
    return left;
  }

  #both(): Expression {
    let left = this.#compared();
    while (this.#take('&&')) {
      const [one, other] = [left, this.#compared()];
      left = (names) => truth(one(names)) && truth(other(names));
    }
    return left;
  }

  #compared(): Expression {
    const left = this.#unary();
    if (this.#tokens[this.#at]?.text === 'in' && this.#tokens[this.#at]?.kind === 'word') {
      this.#at += 1;
      const items = this.#unary();
      return (names) => list(items(names)).some((item) => sameJson(item, left(names)));
    }
    for (const [sign, compare] of Object.entries(COMPARISONS)) {
      if (!this.#take(sign)) continue;
      const right = this.#unary();
      return (names) => compare(left(names), right(names));
    }
    return left;
  }

  #unary(): Expression {
    if (!this.#take('!')) return this.#selected();
    const inner = this.#unary();
    return (names) => !truth(inner(names));
  }

  #selected(): Expression {
    let value = this.#primary();
    while (this.#take('.')) {
      const name = this.#next().text;
      const target = value;
      value = this.#take('(') ? this.#method(target, name) : (names) => field(target(names), name);
    }
    return value;
  }

  #primary(): Expression {
    if (this.#take('(')) {
      const inner = this.#either();
      this.#demand(')');
      return inner;
    }
    if (this.#take('[')) return this.#list();
    const token = this.#next();
    if (token.kind === 'number') return () => Number(token.text);
    if (token.kind === 'text') return () => token.text;
    if (token.kind !== 'word') throw new Error(`this test does not know ${token.text} as a value`);
    if (token.text === 'true' || token.text === 'false') return () => token.text === 'true';
    if (this.#take('(')) return this.#function(token.text);
    return (names) => known(names[token.text], token.text);
  }

  #list(): Expression {
    const items: Expression[] = [];
    while (!this.#take(']')) {
      items.push(this.#either());
      this.#take(',');
    }
    return (names) => items.map((item) => item(names));
  }

  #function(name: string): Expression {
    const argument = this.#either();
    this.#demand(')');
    if (name === 'has') return (names) => has(argument, names);
    if (name === 'duration') return (names) => durationOf(argument(names));
    throw new Error(`this test does not know the function ${name}`);
  }

  #method(target: Expression, name: string): Expression {
    const macro = MACROS[name];
    if (macro !== undefined) {
      const variable = this.#next().text;
      this.#demand(',');
      const body = this.#either();
      this.#demand(')');
      return (names) => macro(list(target(names)), (item) => truth(body({ ...names, [variable]: item })));
    }
    const method = METHODS[name];
    if (method === undefined) throw new Error(`this test does not know the method ${name}`);
    const argument = this.#take(')') ? undefined : this.#either();
    if (argument !== undefined) this.#demand(')');
    return (names) => method(target(names), argument?.(names) ?? '');
  }

  #next(): Token {
    const token = this.#tokens[this.#at] ?? { kind: 'end', text: '' };
    this.#at += 1;
    return token;
  }

  #take(sign: string): boolean {
    const token = this.#tokens[this.#at];
    const isThere = token?.kind === 'sign' && token.text === sign;
    if (isThere) this.#at += 1;
    return isThere;
  }

  #demand(sign: string): void {
    if (!this.#take(sign)) throw new Error(`this test expects ${sign} at token ${this.#at}`);
  }
}

/** A field that is not there is an error in CEL; `has` asks whether it is. */
class NoSuchField extends Error {
  override readonly name = 'NoSuchField';
}

function field(value: Json, name: string): Json {
  if (!isObject(value) || !Object.hasOwn(value, name)) throw new NoSuchField(name);
  return known(fieldsOf(value)[name], name);
}

function has(argument: Expression, names: Names): boolean {
  try {
    argument(names);
    return true;
  } catch (error) {
    if (error instanceof NoSuchField) return false;
    throw error;
  }
}

function known(value: Json | undefined, name: string): Json {
  if (value === undefined) throw new NoSuchField(name);
  return value;
}

function truth(value: Json): boolean {
  if (typeof value !== 'boolean') throw new Error(`${JSON.stringify(value)} is neither true nor false`);
  return value;
}

function list(value: Json): readonly Json[] {
  if (!isList(value)) throw new Error(`${JSON.stringify(value)} is no list`);
  return value;
}

function text(value: Json): string {
  if (typeof value !== 'string') throw new Error(`${JSON.stringify(value)} is no text`);
  return value;
}

function durationOf(value: Json): number {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text(value));
  if (parts === null) throw new Error(`${JSON.stringify(value)} is no duration`);
  return Number(parts[1] ?? 0) * 3_600 + Number(parts[2] ?? 0) * 60 + Number(parts[3] ?? 0);
}

const COMPARISONS: Readonly<Record<string, (left: Json, right: Json) => boolean>> = {
  '==': (left, right) => sameJson(left, right),
  '!=': (left, right) => !sameJson(left, right),
  '<=': (left, right) => Number(left) <= Number(right),
  '>=': (left, right) => Number(left) >= Number(right),
  '<': (left, right) => Number(left) < Number(right),
  '>': (left, right) => Number(left) > Number(right),
};

type Macro = (items: readonly Json[], holds: (item: Json) => boolean) => Json;
const MACROS: Readonly<Record<string, Macro>> = {
  all: (items, holds) => items.every(holds),
  exists_one: (items, holds) => items.filter(holds).length === 1,
  filter: (items, holds) => items.filter(holds),
};

const METHODS: Readonly<Record<string, (self: Json, argument: Json) => Json>> = {
  contains: (self, part) => text(self).includes(text(part)),
  matches: (self, pattern) => new RegExp(text(pattern), 'u').test(text(self)),
  startsWith: (self, part) => text(self).startsWith(text(part)),
  lowerAscii: (self) => text(self).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()),
  size: (self) => (isList(self) ? self.length : Array.from(text(self)).length),
};

/** The texts and the patterns that a rule compares with: what generators need to hit its edges. */
export function wordsIn(rule: string): { readonly texts: readonly string[]; readonly patterns: readonly string[] } {
  const tokens = tokensOf(rule);
  const isPattern = (at: number): boolean => tokens[at - 2]?.text === 'matches';
  const texts = tokens.filter(({ kind }, at) => kind === 'text' && !isPattern(at)).map((token) => token.text);
  const patterns = tokens.filter(({ kind }, at) => kind === 'text' && isPattern(at)).map((token) => token.text);
  return { texts, patterns };
}
