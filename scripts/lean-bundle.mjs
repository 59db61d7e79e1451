const HANDED_OUT =
  /^var (\w+_exports) = \{\};\n__export\(\1, \{\n([\s\S]*?)\n\}\);\nmodule\.exports = __toCommonJS\(\1\);\n/m
const HELPERS = /^var __defProp = [\s\S]*?^var __toCommonJS = .*\n/m
const HELPER = /\b__(defProp|getOwnPropDesc|getOwnPropNames|hasOwnProp|export|copyProps|toESM|toCommonJS)\b/
const COPIED = /^var (\w+) = __toESM\((require\("node:[^"]+"\))\);\n/gm
const REQUIRED = /^var (\w+) = (require\("[^"]+"\));\n/gm

/**
 * A CommonJS bundle of esbuild without what it does at every load, that is at every start of an app: its exports go out as one plain
 * object instead of as getters that are copied one by one (5 ms for core alone), and each package is required once instead of
 * once per module that imports it.
 */
export function leanBundle(text) {
  const [body, exported] = plainExports(text)
  return withoutHelpers(onceRequired(bareBuiltins(body))) + exported
}

// Getters also call each other twice whenever another package calls an export.
function plainExports(text) {
  const [found, , list = ''] = HANDED_OUT.exec(text) ?? ['']
  if (found === '' && text.includes('__export(')) throw new Error('esbuild writes exports in another way now')
  const exported = list
    .split(',\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, key, local] = /^ {2}(\w+): \(\) => (\w+)$/.exec(line)
      return key === local ? `  ${key},\n` : `  ${key}: ${local},\n`
    })
  const handedOut = `module.exports = {\n${exported.join('')}};\nObject.defineProperty(module.exports, "__esModule", { value: true });\n`
  return [text.replace(found, ''), handedOut]
}

function bareBuiltins(text) {
  return text.replace(COPIED, (line, name, required) => {
    const uses = text.split(new RegExp(`\\b${name}\\b(?!\\.default\\b)`)).length - 1
    return uses === 1 ? `var ${name} = { default: ${required} };\n` : line
  })
}

function withoutHelpers(text) {
  const without = text.replace(HELPERS, '')
  return HELPER.test(without) ? text : without
}

function onceRequired(text) {
  const first = new Map()
  const again = new Map()
  const without = text.replace(REQUIRED, (line, name, required) => {
    if (!first.has(required)) {
      first.set(required, name)
      return line
    }
    again.set(name, first.get(required))
    return ''
  })
  return without.replace(/\bimport_\w+\b/g, (name) => again.get(name) ?? name)
}
