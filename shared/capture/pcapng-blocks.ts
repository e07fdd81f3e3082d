/** Block types of pcapng: draft-ietf-opsawg-pcapng section 11.1, and those that Wireshark knows beside it. */
export const BLOCK_INTERFACE = 0x00000001;
/** The obsolete Packet Block. */
export const BLOCK_PACKET = 0x00000002;
export const BLOCK_SIMPLE_PACKET = 0x00000003;
export const BLOCK_NAME_RESOLUTION = 0x00000004;
export const BLOCK_INTERFACE_STATISTICS = 0x00000005;
export const BLOCK_ENHANCED_PACKET = 0x00000006;
export const BLOCK_JOURNAL = 0x00000009;
export const BLOCK_DECRYPTION_SECRETS = 0x0000000a;
export const BLOCK_SYSDIG_EVENT = 0x00000204;
export const BLOCK_SYSDIG_EVENT_2 = 0x00000216;
export const BLOCK_SYSDIG_EVENT_2_LARGE = 0x00000221;
export const BLOCK_CUSTOM = 0x00000bad;
export const BLOCK_CUSTOM_NO_COPY = 0x40000bad;
/** The same in both byte orders. */
export const BLOCK_SECTION_HEADER = 0x0a0d0d0a;
/** Behind the length of a Section Header Block; tells the byte order. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
