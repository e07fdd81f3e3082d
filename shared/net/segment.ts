/** TCP control bits (RFC 9293 section 3.1), as they stand in `TcpSegment.flags`. */
export const TCP_FLAGS = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32 } as const;

/**
 * One TCP segment, as offsets into the buffer that holds it. One instance serves all packets: `PacketDecoder.decode`
 * overwrites it, so whatever must outlive the next packet is copied out of it.
 */
export class TcpSegment {
  /** Where all offsets point: the packet's buffer, or that of the reassembled datagram. */
  buffer: Uint8Array = new Uint8Array(0);
  /** 4 or 6. */
  ipVersion = 4;
  /** Offset of the source address: 4 or 16 bytes. */
  source = 0;
  /** Offset of the destination address: 4 or 16 bytes. */
  destination = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** Unsigned 32 bits. */
  sequence = 0;
  /** Unsigned 32 bits; meaningful with the ACK flag only. */
  acknowledgement = 0;
  /** See `TCP_FLAGS`. */
  flags = 0;
  /** As sent, not scaled. */
  window = 0;
  /** Offset of the first payload byte. */
  payload = 0;
  /** Payload bytes on the wire, by the IP length field. */
  payloadLength = 0;
  /** Payload bytes present in `buffer`, counted from `payload`; fewer than `payloadLength` with a short snap length. */
  capturedPayload = 0;
  /** The IPv4 identification, the IPv6 fragment identification, or 0. */
  identification = 0;
}
