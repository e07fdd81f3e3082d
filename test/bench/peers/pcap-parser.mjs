// Counts the packets of a capture with the pcap-parser package, and does nothing else with them.
import pcapParser from 'pcap-parser';

let packets = 0;
const parser = pcapParser.parse(process.argv[2]);
parser.on('packet', () => {
  packets += 1;
});
parser.on('end', () => console.log(packets));
parser.on('error', (error) => {
  throw error;
});
