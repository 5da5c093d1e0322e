#!/usr/bin/env bash
# OpenAPI 3.1: two of four generators of TypeScript types leave out the `null` of an enum, and one that of an object.
#
# Packages: openapi-typescript@7.13.0, oazapfts@7.5.0, @hey-api/openapi-ts@0.99.0, swagger-typescript-api@13.13.0,
#           typescript@5.9.3
# Guess:    whoever reads 3.1 at all and makes `string | null` of `type: [string, null]` does so wherever a null may stand;
#           what is not known becomes `any` or an error.
# Seen:     all four get the text right. hey-api and swagger-typescript-api drop the null of an enum that has no type
#           beside it, and swagger-typescript-api that of an object, so the compiler does not ask for a check, and the client
#           fails on the first null. oazapfts makes `never[]` of a tuple. (2026-11-29)
#> openapi-typescript:     text may be null; enum may be null; object may be null; tuple [number, string]
#> oazapfts:               text may be null; enum may be null; object may be null; tuple never[]
#> @hey-api/openapi-ts:    text may be null; enum never null; object may be null; tuple [number, string]
#> swagger-typescript-api: text may be null; enum never null; object never null; tuple [number, string]
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps --prefix . openapi-typescript@7.13.0 \
  oazapfts@7.5.0 @hey-api/openapi-ts@0.99.0 swagger-typescript-api@13.13.0 typescript@5.9.3

cat >api.json <<'JSON'
{
  "openapi": "3.1.0",
  "info": { "title": "batches", "version": "1" },
  "paths": {
    "/batch": {
      "get": {
        "operationId": "getBatch",
        "responses": {
          "200": {
            "description": "a batch",
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Batch" } } }
          }
        }
      }
    }
  },
  "components": {
    "schemas": {
      "Batch": {
        "type": "object",
        "required": ["text", "enum", "object", "tuple"],
        "properties": {
          "text": { "type": ["string", "null"] },
          "enum": { "enum": ["running", "paused", null] },
          "object": { "type": ["object", "null"], "required": ["id"], "properties": { "id": { "type": "string" } } },
          "tuple": { "type": "array", "prefixItems": [{ "type": "integer" }, { "type": "string" }], "items": false }
        }
      }
    }
  }
}
JSON
{
  node_modules/.bin/openapi-typescript api.json -o openapi-typescript.ts
  node_modules/.bin/oazapfts api.json oazapfts.ts
  node_modules/.bin/openapi-ts -i api.json -o hey-api -p @hey-api/typescript
  node_modules/.bin/swagger-typescript-api generate -p api.json -o . -n swagger-typescript-api.ts --no-client
} </dev/null >generators.log 2>&1 || cat generators.log

cat >types.mjs <<'JS'
import ts from 'typescript';
// Asks the compiler what each property of the generated type is.
const types = {
  'openapi-typescript': ['./openapi-typescript.ts', "components['schemas']['Batch']", 'components'],
  oazapfts: ['./oazapfts.ts', 'Batch', 'Batch'],
  '@hey-api/openapi-ts': ['./hey-api/types.gen.ts', 'Batch', 'Batch'],
  'swagger-typescript-api': ['./swagger-typescript-api.ts', 'Batch', 'Batch'],
};
for (const [generator, [file, type, imported]] of Object.entries(types)) {
  const source = `import type { ${imported} } from '${file}'; export declare const batch: ${type};`;
  ts.sys.writeFile('ask.ts', source);
  const options = { strict: true, noEmit: true, allowImportingTsExtensions: true, skipLibCheck: true, types: [] };
  const program = ts.createProgram(['ask.ts'], { ...options, moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ESNext });
  const checker = program.getTypeChecker();
  const [symbol] = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile('ask.ts')));
  const batch = checker.getTypeOfSymbol(symbol);
  const typeOf = (name) => checker.getTypeOfSymbol(batch.getProperty(name));
  const isNull = ({ flags }) => (flags & (ts.TypeFlags.Null | ts.TypeFlags.Any)) !== 0;
  const words = ['text', 'enum', 'object'].map((name) => {
    const found = typeOf(name);
    return `${name} ${(found.types ?? [found]).some(isNull) ? 'may be' : 'never'} null`;
  });
  console.log(`${`${generator}:`.padEnd(23)} ${words.join('; ')}; tuple ${checker.typeToString(typeOf('tuple'))}`);
}
JS
timeout 60 node types.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
