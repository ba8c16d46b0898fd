/**
 * An element. `props`: `class`, `on` (handlers by event), `style` (custom properties too), `data`, and else
 * attributes; `true` sets an empty attribute, `false` and undefined none. Children: nodes, text, or nothing.
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (key === 'class') node.className = value;
    else if (key === 'on')
      for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (key === 'style')
      for (const [name, v] of Object.entries(value)) node.style.setProperty(name, String(v));
    else if (key === 'data') Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? '' : String(value));
  }
  node.append(...children.flat(2).filter((child) => child !== undefined && child !== false && child !== ''));
  return node;
}

/** The value of a JSON block of the page, or undefined. */
export function embedded(id) {
  const block = document.getElementById(id);
  return block === null ? undefined : JSON.parse(block.textContent);
}

/** The value of a block that holds JSON in raw DEFLATE in base64, or undefined. */
export async function unpacked(id) {
  const block = document.getElementById(id);
  if (block === null) return undefined;
  const octets = Uint8Array.from(atob(block.textContent), (char) => char.charCodeAt(0));
  const stream = new Blob([octets]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(stream).json();
}

export const plural = (count, one, many = `${one}s`) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

export function duration(ms) {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

/** A button that copies `text`; where there is no clipboard it selects the text's element instead. */
export function copyButton(text, shown) {
  const button = el('button', { class: 'quiet', type: 'button' }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      getSelection()?.selectAllChildren(shown);
    }
  });
  return button;
}
