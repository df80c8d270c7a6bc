// Starts the worker that folds a projection given as text, and watches over it.
//
// The worker comes from a frame without an origin, whose policy names no source but texts made in it: fetch, sockets,
// storage and imports are refused by the browser, whatever the text tries. The frame is part of the page but shows nothing.

/** How long a question may take without a sign of life. */
const PATIENCE_MS = 4_000
/** The same for the start: the browser has much to do then, and no text has run yet. */
const START_MS = 30_000
const GRACE_MS = 100
/** How long the frame's script may say nothing once the frame is loaded. */
const UNHEARD_MS = 3_000
const REFUSED = 'the sandbox did not start: does the policy of this page (Content-Security-Policy) forbid inline scripts of frames, or workers from blob addresses?'

const POLICY = (nonce) => `default-src 'none'; script-src 'nonce-${nonce}' blob:; worker-src blob:`

/** Runs in the frame. */
const FRAME = `addEventListener('message', ({ data, ports }) => {
  const address = URL.createObjectURL(new Blob([data], { type: 'text/javascript' }))
  const worker = new Worker(address)
  worker.addEventListener('error', (event) => { event.preventDefault(); ports[1].postMessage(event.message || 'the worker could not be started') })
  worker.postMessage(null, [ports[0]])
}, { once: true })
parent.postMessage('leftfold-frame', '*')`

export class Sandbox {
  #frame
  #ports = []
  #listen
  #unheard
  #questions = new Map()
  #last = 0
  #reached
  #timer
  #isHeard = false
  #heardAt = 0
  #ended

  /** Starts a worker that runs `program`; ends when it has answered that it is ready. */
  async start(program) {
    if (typeof document === 'undefined') {
      throw new Error('a projection as text runs in a frame of a page; here is no page: open the store in a page instead')
    }
    const nonce = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join('')
    const frame = document.createElement('iframe')
    this.#frame = frame
    frame.setAttribute('sandbox', 'allow-scripts')
    frame.setAttribute('aria-hidden', 'true')
    frame.tabIndex = -1
    frame.title = 'Leftfold: a projection'
    frame.style.cssText = 'display:none'
    frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY(nonce)}"><script nonce="${nonce}">${FRAME}</script>`
    const [asked, troubles] = [new MessageChannel(), new MessageChannel()]
    this.#ports = [asked.port1, troubles.port1]
    let isHeard = false
    this.#listen = ({ source, data }) => {
      if (source !== frame.contentWindow || data !== 'leftfold-frame') return
      removeEventListener('message', this.#listen)
      isHeard = true
      clearTimeout(this.#unheard)
      frame.contentWindow.postMessage(program, '*', [asked.port2, troubles.port2])
    }
    addEventListener('message', this.#listen)
    // Its script says something at once, unless the policy of the page, which a frame inherits, keeps it from running.
    frame.addEventListener('load', () => {
      if (!isHeard) this.#unheard = setTimeout(() => this.#end({ message: REFUSED }), UNHEARD_MS)
    })
    troubles.port1.onmessage = ({ data }) => this.#end({ message: `the sandbox failed: ${data}`, position: this.#reached })
    const ready = new Promise((resolve, reject) => {
      this.#questions.set(0, { resolve, reject })
    })
    asked.port1.onmessage = ({ data }) => this.#hear(data)
    this.#expect()
    document.documentElement.append(frame)
    await ready
  }

  /** Asks the worker; rejects with `{ message, position, line, column }`. Buffers in `moved` go over without a copy. */
  ask(question, moved = []) {
    if (this.#ended) return Promise.reject(this.#ended)
    const number = ++this.#last
    return new Promise((resolve, reject) => {
      this.#questions.set(number, { resolve, reject })
      this.#ports[0].postMessage({ ...question, number }, moved)
      this.#expect()
    })
  }

  /** Ends the worker, at once and whatever it does. */
  stop() {
    this.#end({ message: 'the projection was stopped', isStopped: true })
  }

  /** Whether it answers nothing any more. */
  get hasEnded() {
    return this.#ended !== undefined
  }

  #hear(data) {
    if (data === null || typeof data !== 'object') return
    this.#heard()
    if (data.beat !== undefined) {
      this.#reached = data.beat === null ? undefined : Number(data.beat)
      return
    }
    this.#reached = undefined
    const number = data.isReady ? 0 : data.number
    const question = this.#questions.get(number)
    this.#questions.delete(number)
    if (this.#questions.size === 0) this.#rest()
    if (data.fault) question?.reject(data.fault)
    else question?.resolve(data.answer)
  }

  /** Begins to wait, if anything is to be waited for. */
  #expect() {
    if (this.#timer === undefined && this.#questions.size > 0 && !this.#ended) this.#wait(this.#patience())
  }

  /** How long it may take until something is heard. */
  #patience() {
    return this.#questions.has(0) ? START_MS : PATIENCE_MS
  }

  /**
   * Ends the worker when nothing is heard for so long. A timer that is set anew with each message would cost more than the message: what
   * is heard is noted, and the timer goes on for as long as is left of the wait from there on.
   */
  #wait(millis) {
    this.#isHeard = false
    this.#timer = setTimeout(() => {
      if (this.#goesOn()) return
      // A page that was busy itself finds its timer due before the answers that came meanwhile: those go first.
      this.#timer = setTimeout(() => {
        if (!this.#goesOn()) this.#endInVain()
      }, GRACE_MS)
    }, millis)
  }

  /** Whether something was heard; waits on for the rest then. */
  #goesOn() {
    if (!this.#isHeard) return false
    this.#wait(Math.max(this.#heardAt + this.#patience() - performance.now(), GRACE_MS))
    return true
  }

  #endInVain() {
    const isStart = this.#questions.has(0)
    const message = isStart ? REFUSED : `the text did not come to an end in ${PATIENCE_MS / 1_000} seconds`
    this.#end({ message, position: this.#reached, isEndless: !isStart })
  }

  /** Nothing is waited for. */
  #rest() {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Notes that the worker said something. */
  #heard() {
    this.#isHeard = true
    this.#heardAt = performance.now()
  }

  #end(because) {
    if (this.#ended) return
    this.#ended = because
    this.#rest()
    clearTimeout(this.#unheard)
    removeEventListener('message', this.#listen)
    for (const port of this.#ports) port.close()
    this.#frame?.remove()
    for (const { reject } of this.#questions.values()) reject(because)
    this.#questions.clear()
  }
}
