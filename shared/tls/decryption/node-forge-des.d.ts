/** The part of node-forge that is used: DES alone, without the package's other half a megabyte. */
declare module 'node-forge/lib/forge.js' {
  interface ByteBuffer {
    getBytes(): string;
  }

  interface BlockCipher {
    readonly output: ByteBuffer;
    start(options: { readonly iv: string }): void;
    update(input: ByteBuffer): void;
    /** `pad` takes the place of removing the padding. */
    finish(pad: () => boolean): boolean;
  }

  /** The namespace that the package's other modules fill. */
  const forge: {
    readonly cipher: { createDecipher(algorithm: '3DES-CBC', key: string): BlockCipher };
    readonly util: { createBuffer(binary: string): ByteBuffer };
  };
  export default forge;
}

declare module 'node-forge/lib/des.js' {}
