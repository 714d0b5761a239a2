# SPDX-License-Identifier: BSD-2-Clause
#
# A packet of vsockdump --json as the array that is compared with tshark's.
def number($names): . as $name | ($names | index($name)) // tonumber;
def ops: ["INVALID", "REQUEST", "RESPONSE", "RST", "SHUTDOWN", "RW", "CREDIT_UPDATE",
    "CREDIT_REQUEST"];
def types: ["0", "stream", "seqpacket", "dgram"];
def mon_ops: ["unknown", "connect", "disconnect", "control", "payload"];
def transports: ["unknown", "no_info", "virtio"];
def bits: map({RECEIVE: 1, SEND: 2, EOM: 1, EOR: 2}[.]) | add // 0;

[.frame, .time, .src, .dst]
+ if .op != null then
    ["\(.src_cid):\(.src_port)", "\(.dst_cid):\(.dst_port)", .len,
     (.type | number(types)), (.op | number(ops)), (.flags | bits), .buf_alloc, .fwd_cnt]
  else
    ["cut", (.mon_op | number(mon_ops)), (.transport | number(transports))]
  end
