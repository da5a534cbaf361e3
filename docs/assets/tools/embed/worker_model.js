// A model that runs in a worker beside the page: how large it is is known before it is fetched, it can be stopped at any
// time, and a worker that dies in silence is noticed.

import { BROKEN, UserError } from "../shared.js"
import { fetchOrKept, isKept, urlOf } from "./kept_files.js"
import { modelKept, onModelRemoved } from "./models.js"

const OFFLINE = "You are offline, and the model is not on this device yet."
const DIED = "The model stopped without a word: this device may lack the memory. You can try again."
const NO_SCRIPT = "What runs the model could not be fetched. Check the connection, then try again."

export class WorkerModel {
  /**
   * @param {{base: URL, script: URL, store: string, builtWithout: string, tooOld: string, canRun: function(): boolean}}
   *   about  the folder with its manifest.json, the worker's script, the store that keeps its files; what a reader is told
   *   where the site has no such folder, or the browser cannot run it; whether this browser has what it takes
   */
  constructor({ base, script, store, builtWithout, tooOld, canRun = () => true }) {
    Object.assign(this, { base, script, store, builtWithout, tooOld, canRun })
    this.count = 0
    this.waiting = new Map()
  }

  async readManifest() {
    let response
    try {
      response = await fetchOrKept(new URL("manifest.json", this.base).href, this.store)
    } catch {
      throw new UserError(navigator.onLine === false ? OFFLINE : BROKEN)
    }
    if (!response.ok) throw new UserError(this.builtWithout)
    try {
      return await response.json()
    } catch (error) {
      // A page that says that there is no such file is no JSON; anything else is a connection that broke.
      throw new UserError(error instanceof SyntaxError ? this.builtWithout : BROKEN)
    }
  }

  /** Whether every file is on this device already. */
  async isKept(manifest) {
    for (const file of manifest.files) {
      if (!(await isKept(urlOf(file, this.base)))) return false
    }
    return true
  }

  /**
   * Whether the model can run here. Fetches a list of files, none of the files.
   * @returns {Promise<{ready: boolean, bytes: number, kept: boolean, reason: string}>}  `bytes` is what the model takes on
   * the device; `kept` says that it is there already; `reason` is a sentence for the reader where `ready` is false
   */
  async available() {
    const no = (reason) => ({ ready: false, bytes: 0, kept: false, reason })
    if (!globalThis.Worker || !globalThis.WebAssembly || !this.canRun()) return no(this.tooOld)
    try {
      const manifest = await this.readManifest()
      const kept = await this.isKept(manifest)
      if (!kept && navigator.onLine === false) return no(OFFLINE)
      return { ready: true, bytes: manifest.bytes, kept, reason: "" }
    } catch (error) {
      return no(error.message)
    }
  }

  /** Has the worker do one of its tasks. Rejects with what it says, or with the reason for which it was stopped. */
  ask(task, more = {}, onProgress = () => {}) {
    if (!this.worker) return Promise.reject(new UserError("The model is not loaded."))
    return new Promise((resolve, reject) => {
      const number = ++this.count
      this.waiting.set(number, { resolve, reject, onProgress })
      this.worker.postMessage({ number, task, ...more })
    })
  }

  hear({ data }) {
    const one = this.waiting.get(data.number)
    if (!one) return
    if (data.progress) return one.onProgress(data.progress)
    this.waiting.delete(data.number)
    if (data.error === undefined) one.resolve(data.value)
    else one.reject(new (data.isUserError ? UserError : Error)(data.error))
  }

  /** Stops the model, also while it loads, and gives its memory back. What is kept on the device stays. */
  unload(reason = "Stopped.") {
    const stopped = new UserError(reason)
    this.turn?.abort(stopped)
    this.worker?.terminate()
    this.turn = this.worker = this.loading = undefined
    for (const one of this.waiting.values()) one.reject(stopped)
    this.waiting.clear()
  }

  /** Notices at once when the worker dies without a message: then the lock that it held is free. */
  async watch() {
    const watched = this.worker
    const name = `${this.store}-worker-${Date.now()}-${Math.random()}`
    if (!(await this.ask("holdLock", { name }))) return // a browser without locks, or a page without a secure connection
    navigator.locks.request(name, () => {
      if (this.worker === watched) this.unload(DIED)
    })
  }

  /** Starts the worker of a turn, unless the turn is over by the time that there is something to start. */
  async start({ signal }, onProgress) {
    const manifest = await this.readManifest()
    signal.throwIfAborted()
    this.worker = new Worker(this.script, { type: "module" })
    this.worker.addEventListener("message", (event) => this.hear(event))
    this.worker.addEventListener("error", (event) => {
      event.preventDefault()
      // A script that did not come has no message; one that fails in this browser has.
      if (!signal.aborted) this.unload(event.message ? this.tooOld : NO_SCRIPT)
    })
    await this.watch()
    signal.throwIfAborted()
    await this.ask("load", { base: this.base.href, manifest }, onProgress)
  }

  /**
   * Fetches the model (or takes it from the device) and starts it. Once loaded it needs no connection. A second call waits
   * for the first. Rejects with a sentence for the reader; call again to try again.
   * @param {function({done: number, total: number}): void} onProgress  bytes
   */
  load(onProgress = () => {}) {
    if (this.loading) return this.loading
    const turn = new AbortController()
    const stopped = new Promise((_, reject) => {
      turn.signal.addEventListener("abort", () => reject(turn.signal.reason))
    })
    this.turn = turn
    onModelRemoved(this.store, () => this.unload(), turn)
    this.loading = Promise.race([this.start(turn, onProgress), stopped])
      .catch((error) => {
        if (this.turn === turn) this.unload()
        throw error
      })
      .finally(modelKept) // all its files, or those that came whole
    return this.loading
  }
}
