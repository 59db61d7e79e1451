import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

/**
 * Runs a program to its end and returns its stdout. Rejects with a message that names the program and the last line of its stderr.
 * With `log`, both streams are appended to that file as well. With `stderrToo`, what it returns holds the end of stderr as well.
 * After `timeoutMs` (default: never) the program is ended.
 */
export async function command(program, args, { cwd, env, log, stderrToo, timeoutMs = 0 } = {}) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  })
  const file = log && createWriteStream(log, { flags: 'a' })
  const line = [program, ...args].join(' ')
  file?.write(`$ ${line}\n`)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
    file?.write(chunk)
  })
  child.stderr.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-2000)
    file?.write(chunk)
  })
  try {
    const [code, signal] = await once(child, 'close')
    if (code === 0) return stderrToo ? stdout + stderr : stdout
    throw new Error(
      `${line} ended with ${signal ?? code}: ${lastWords(stderr) ?? lastWords(stdout) ?? 'no output'}`,
    )
  } catch (error) {
    throw error.code === 'ENOENT' ? new Error(`${program} is not installed`) : error
  } finally {
    file?.end()
  }
}

function lastWords(output) {
  return output
    .split('\n')
    .findLast((line) => /\w/.test(line))
    ?.trim()
}
