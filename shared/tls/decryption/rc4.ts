/** The stream cipher RC4, as RFC 6229 tests it. */
export class Rc4 {
  readonly #state: Uint8Array;
  #i = 0;
  #j = 0;

  /** `key` has 1 to 256 octets; a `Rc4` is copied with its place in the keystream. */
  constructor(key: Uint8Array | Rc4) {
    if (key instanceof Rc4) {
      this.#state = key.#state.slice();
      this.#i = key.#i;
      this.#j = key.#j;
      return;
    }
    const state = Uint8Array.from({ length: 256 }, (_, i) => i);
    for (let i = 0, j = 0; i < 256; i++) {
      j = (j + state[i] + key[i % key.length]) & 0xff;
      const swapped = state[i];
      state[i] = state[j];
      state[j] = swapped;
    }
    this.#state = state;
  }

  /** The next `length` octets of the keystream. */
  keystream(length: number): Uint8Array {
    const stream = new Uint8Array(length);
    const state = this.#state;
    let i = this.#i;
    let j = this.#j;
    for (let at = 0; at < length; at++) {
      i = (i + 1) & 0xff;
      const a = state[i];
      j = (j + a) & 0xff;
      const b = state[j];
      state[i] = b;
      state[j] = a;
      stream[at] = state[(a + b) & 0xff];
    }
    this.#i = i;
    this.#j = j;
    return stream;
  }
}
