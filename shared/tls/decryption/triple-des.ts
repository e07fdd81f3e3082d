/** Triple DES in CBC mode, by node-forge: nobody audits an implementation any more, and this one is widely used. */
import 'node-forge/lib/des.js';
import forge from 'node-forge/lib/forge.js';
import { decodeLatin1 } from '../../bytes/text.ts';

/** Decrypts whole blocks of 8 octets with a key of 24 octets, padding left on. */
export function decryptTripleDesCbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const cipher = forge.cipher.createDecipher('3DES-CBC', decodeLatin1(key));
  cipher.start({ iv: decodeLatin1(iv) });
  cipher.update(forge.util.createBuffer(decodeLatin1(ciphertext)));
  cipher.finish(() => true);
  const binary = cipher.output.getBytes();
  const plaintext = new Uint8Array(binary.length);
  for (let i = 0; i < plaintext.length; i++) plaintext[i] = binary.charCodeAt(i);
  return plaintext;
}
