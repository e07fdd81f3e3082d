/** EtherTypes (IANA "IEEE 802 Numbers") that lead to IP. */
export const ETHER_TYPE = {
  ipv4: 0x0800,
  /** Transparent Ethernet Bridging: an Ethernet frame without FCS (RFC 1701, RFC 7348 in spirit). */
  bridgedEthernet: 0x6558,
  /** PPP, as GRE names it (RFC 2637). */
  ppp: 0x880b,
  ipv6: 0x86dd,
  vlan: 0x8100,
  providerBridge: 0x88a8,
  /** Provider tags of equipment older than 802.1ad. */
  oldProviderBridge: 0x9100,
  oldProviderBridge2: 0x9200,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  pppoeSession: 0x8864,
  /** The service instance tag of 802.1ah: a whole Ethernet frame follows it. */
  backboneService: 0x88e7,
  macSecurity: 0x88e5,
  /** Cisco's VN-Tag. */
  virtualNetworkTag: 0x8926,
  /** The E-Tag of 802.1BR. */
  portExtenderTag: 0x893f,
} as const;
