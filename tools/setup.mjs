// Installs the project's packages and its nats-server when they are missing or older than their lockfiles.
//
// Called by the launcher under whatever Node the machine has (18 or later), so plain JavaScript without dependencies.
// Everything it says goes to stderr. Two launchers started at once install once: the second waits for the first.

import { spawn } from 'node:child_process'
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const lockPath = join(root, '.tandem-setup.lock')
const NODE_MAJOR_MIN = 18
const NODE_MAJOR_PINNED = 26

/** A failure that the user can do something about. */
class SetupError extends Error {}

const systemMajor = Number(process.versions.node.split('.')[0])

async function main() {
  if (systemMajor < NODE_MAJOR_MIN) {
    throw new SetupError(
      `Node ${process.versions.node} is too old for the set-up: ${NODE_MAJOR_MIN} or later is needed.`,
    )
  }
  await takeLock()
  try {
    await install(root, 'packages')
    if (process.platform === 'linux' && process.arch === 'x64') {
      await install(join(root, 'tools', 'nats-server'), 'nats-server')
    } else {
      stampWithoutInstalling(join(root, 'tools', 'nats-server'))
    }
    checkRuntime()
  } finally {
    unlinkSync(lockPath)
  }
}

/** Runs `npm ci` in `folder` unless what is there matches its lockfile. */
async function install(folder, what) {
  const lockfile = join(folder, 'package-lock.json')
  if (!existsSync(lockfile)) throw new SetupError(`${lockfile} is missing: the checkout is incomplete.`)
  const stamp = join(folder, 'node_modules', '.tandem-installed')
  if (readOr(stamp) === readOr(lockfile)) return
  if (!matchesLockfile(folder)) {
    say(`first run: installing ${what} (npm ci in ${folder}) ...`)
    await npmCi(folder, what)
  }
  writeFileSync(stamp, readFileSync(lockfile))
}

/** Elsewhere than on linux-x64 there is no bundled server; the stamp keeps the launcher from asking again. */
function stampWithoutInstalling(folder) {
  const modules = join(folder, 'node_modules')
  if (!existsSync(modules)) mkdirSync(modules)
  writeFileSync(join(modules, '.tandem-installed'), readFileSync(join(folder, 'package-lock.json')))
}

/** True when npm's own record of what is installed holds every required package of the lockfile at its version. */
function matchesLockfile(folder) {
  const installedText = readOr(join(folder, 'node_modules', '.package-lock.json'))
  if (installedText === undefined) return false
  const installed = JSON.parse(installedText).packages
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.optional === true || entry.devOptional === true) return true
    return installed[path]?.version === entry.version && existsSync(join(folder, path))
  })
}

function npmCi(folder, what) {
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  return new Promise((resolve, reject) => {
    const npm = spawn('npm', args, { cwd: folder, stdio: ['ignore', 2, 'pipe'], shell: process.platform === 'win32' })
    let complaint = ''
    npm.stderr.setEncoding('utf8')
    npm.stderr.on('data', (text) => {
      complaint += text
      process.stderr.write(text)
    })
    npm.on('error', () =>
      reject(new SetupError('npm was not found. Install it beside Node (Debian: sudo apt-get install npm).')),
    )
    npm.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new SetupError(explain(complaint, folder, what)))
    })
  })
}

/** What went wrong and what to type, from npm's own words. */
function explain(complaint, folder, what) {
  const again = `Then run the same command again (or: cd ${folder} && npm ci).`
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET|ENOTCACHED|network/.test(complaint)) {
    return (
      `${what} could not be downloaded: the npm registry cannot be reached.\n` +
      `  Missing: ${join(folder, 'node_modules')}. Needed once; after it Tandem runs without a network.\n` +
      `  Check the connection, or name a proxy or a mirror:\n` +
      `    npm config set proxy http://HOST:PORT      npm config set registry https://MIRROR\n  ${again}`
    )
  }
  if (/ENOSPC/.test(complaint))
    return `no space is left on the disk that holds ${folder}. Make room (about 600 MB). ${again}`
  if (/EACCES|EPERM|EROFS/.test(complaint)) return `${folder} cannot be written. Check who owns it. ${again}`
  return `installing ${what} failed; npm's message is above. ${again}`
}

/** The pinned Node comes as an optional package; on a platform without one, the machine's own must do. */
function checkRuntime() {
  if (existsSync(join(root, 'node_modules', '.bin', 'node'))) return
  if (systemMajor >= NODE_MAJOR_PINNED) return
  throw new SetupError(
    `there is no packaged Node ${NODE_MAJOR_PINNED} for ${process.platform}-${process.arch}, and the machine's own is ` +
      `${process.versions.node}.\n  Install Node ${NODE_MAJOR_PINNED} or later (https://nodejs.org) so that \`node --version\` shows it.`,
  )
}

/**
 * The lock is a file with the holder's process id, linked into place whole. A holder that died without removing it is
 * found and replaced.
 */
async function takeLock() {
  let told = false
  while (!linkOwnLock()) {
    const holder = readOr(lockPath)
    if (holder === undefined) continue
    if (!isAlive(Number(holder))) removeStaleLock(holder)
    else {
      if (!told) say(`another tandem (process ${holder}) is installing; waiting for it ...`)
      told = true
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

function linkOwnLock() {
  const own = `${lockPath}.${process.pid}`
  try {
    writeFileSync(own, String(process.pid))
    linkSync(own, lockPath)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw new SetupError(`${root} cannot be written (${error.code}).`)
  } finally {
    rmSync(own, { force: true })
  }
}

/** Moves the lock aside first and looks again: it may have become somebody else's in between, and then goes back. */
function removeStaleLock(holder) {
  const aside = `${lockPath}.${process.pid}.stale`
  try {
    renameSync(lockPath, aside)
  } catch {
    return
  }
  if (readOr(aside) !== holder) linkSync(aside, lockPath)
  unlinkSync(aside)
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function readOr(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function say(text) {
  process.stderr.write(`tandem: ${text}\n`)
}

try {
  await main()
} catch (error) {
  say(error instanceof SetupError ? error.message : (error.stack ?? String(error)))
  process.exit(1)
}
