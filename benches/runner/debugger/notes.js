// Runs in the page before anything else of it: notes when the page has begun and when the rows of the log are drawn.

{
  performance.mark('leftfold:load')
  /** Calls back once the browser has drawn what the page has now. */
  const afterPaint = (then) => requestAnimationFrame(() => setTimeout(then))
  const isDrawn = () => document.querySelector('[role=grid] [role=row][data-row]')
  let hasStarted = false
  const look = () => {
    if (!hasStarted && document.body?.firstElementChild) {
      hasStarted = true
      performance.mark('leftfold:started')
    }
    if (!hasStarted || !isDrawn()) return
    observer.disconnect()
    afterPaint(() => {
      performance.mark('leftfold:rows')
      window.rowsAreDrawn = true
    })
  }
  const observer = new MutationObserver(look)
  observer.observe(document, { childList: true, subtree: true })

  /** Milliseconds from the next event `type` until `isThere` holds of the page and is drawn. */
  const untilDrawn = (type, isThere) =>
    new Promise((resolve) => {
      let began
      addEventListener(type, (event) => (began ??= event.timeStamp), { capture: true, once: true })
      const check = () => {
        if (began === undefined || !isThere()) return
        changes.disconnect()
        afterPaint(() => resolve(performance.now() - began))
      }
      const changes = new MutationObserver(check)
      changes.observe(document, { attributes: true, characterData: true, childList: true, subtree: true })
    })
  /** From a click until the log has so many rows, and they are drawn. */
  window.untilRows = (rows) => {
    const grid = document.querySelector('[role=grid][aria-label=Events]')
    return untilDrawn('click', () => grid.getAttribute('aria-rowcount') === String(rows + 1) && isDrawn())
  }
  /** From an event of this type until an element is there. */
  window.untilThere = (type, selector) => untilDrawn(type, () => document.querySelector(selector))
  /** From an event of this type until an element that is there, or comes, is gone. */
  window.untilGone = (type, selector) => {
    let wasThere = false
    const isGone = () => {
      const isThere = document.querySelector(selector) !== null
      wasThere ||= isThere
      return wasThere && !isThere
    }
    isGone()
    return untilDrawn(type, isGone)
  }
}
