/** The key of this installation: Ed25519. Only the process that archives asks for it. */
export interface Signer {
  /** The public half: the sha256 of its SPKI (DER), and the SPKI in base64. */
  key(): Promise<{ readonly id: string; readonly publicKey: string }>;
  sign(data: Buffer): Promise<Buffer>;
}
