// Parses an AsyncAPI document with the AsyncAPI project's own parser and prints what it found as JSON.
// usage: node parse_asyncapi.mjs NODE_FOLDER DOCUMENT
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, file] = process.argv.slice(2);
const { Parser, fromFile } = createRequire(join(folder, 'package.json'))('@asyncapi/parser');
const { document, diagnostics } = await fromFile(new Parser(), file).parse();
console.log(JSON.stringify({
  operations: document ? document.operations().all().map((operation) => operation.id()) : [],
  found: diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path: path.join('/') })),
}));
