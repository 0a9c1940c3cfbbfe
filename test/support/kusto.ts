import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { runInThisContext } from "node:vm";
import { functions, tables } from "../../infra/monitoring/schema.ts";

// Judges queries offline with Kusto's own language service, against the tables and functions of
// infra/monitoring/schema.ts. The package is .NET translated to JavaScript: it has no modules, only
// globals, and its classes have numbered constructors.

interface List<T> {
  readonly Count: number;
  getItem(index: number): T;
}
interface Column {
  readonly Name: string;
  readonly Type: { readonly Name: string };
}
interface Node {
  readonly ReferencedSymbol: object | null;
  readonly Kind: number;
  readonly ChildCount: number;
  GetChild(index: number): Node | null;
  toString(flags?: number): string;
}
interface Code {
  readonly ResultType: { readonly Columns?: List<Column> } | null;
  readonly Syntax: Node;
  GetDiagnostics(): List<{ readonly Message: string; readonly Start: number }>;
}
type Constructor = new (...args: readonly unknown[]) => object;
interface KustoLanguage {
  readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
  readonly KustoCode: { ParseAndAnalyze(text: string, globals: object): Code };
  readonly Symbols: {
    readonly TableSymbol: { readonly $ctor7: Constructor };
    readonly FunctionSymbol: { readonly $ctor16: Constructor };
    readonly DatabaseSymbol: { readonly ctor: Constructor };
    readonly ColumnSymbol: Constructor;
  };
}

/** What the language service says about a query. */
export interface Bound {
  readonly diagnostics: readonly string[];
  /** The columns of the result, with their types. */
  readonly columns: Readonly<Record<string, string>>;
  /** The names of all columns that the query reads or makes. */
  readonly columnsRead: ReadonlySet<string>;
}

/** Binds a query to the declared tables and functions. `bodies` replaces the functions' queries. */
export function bindQuery(query: string, bodies: Readonly<Record<string, string>> = functions): Bound {
  const { GlobalState, KustoCode, Symbols } = load();
  const members = [
    ...Object.entries(tables).map(([name, columns]) => new Symbols.TableSymbol.$ctor7(name, `(${columns})`, null)),
    ...Object.entries(bodies).map(([name, body]) => new Symbols.FunctionSymbol.$ctor16(name, "()", `{\n${body}\n}`, null)),
  ];
  const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("workspace", members));
  try {
    const code = KustoCode.ParseAndAnalyze(query, globals);
    const columns = itemsOf(code.ResultType?.Columns).map(({ Name, Type }) => [Name, Type.Name] as const);
    const columnsRead = new Set<string>();
    collectColumns(code.Syntax, Symbols.ColumnSymbol, columnsRead);
    const diagnostics = itemsOf(code.GetDiagnostics()).map(({ Message, Start }) => `${Start}: ${Message}`);
    return { diagnostics, columns: Object.fromEntries(columns), columnsRead };
  } catch (error) {
    // An error that nobody catches prints the whole language service.
    throw new Error(`The language service failed: ${String(error).slice(0, 200)}`);
  }
}

function collectColumns(node: Node, column: Constructor, into: Set<string>): void {
  const symbol = node.ReferencedSymbol;
  if (symbol instanceof column) into.add((symbol as unknown as Column).Name);
  for (let index = 0; index < node.ChildCount; index++) {
    const child = node.GetChild(index);
    if (child) collectColumns(child, column, into);
  }
}

function itemsOf<T>(list: List<T> | null | undefined): T[] {
  return list ? Array.from({ length: list.Count }, (_, index) => list.getItem(index)) : [];
}

let language: KustoLanguage | undefined;

function load(): KustoLanguage {
  if (language) return language;
  const folder = dirname(createRequire(import.meta.url).resolve("@kusto/language-service-next/package.json"));
  for (const file of ["bridge.min.js", "Kusto.Language.Bridge.min.js"])
    runInThisContext(readFileSync(join(folder, file), "utf8"), { filename: file });
  language = (globalThis as unknown as { Kusto: { Language: KustoLanguage } }).Kusto.Language;
  return language;
}
