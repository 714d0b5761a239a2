# SPDX-License-Identifier: BSD-2-Clause
#
# A line of tshark's fields as the array that is compared. Where the record ends
# inside the virtio header, Wireshark shows the fields that are left of it and
# vsockdump none: the last field tells, and then only the vsockmon header counts.
def hex: ltrimstr("0x") | explode
    | reduce .[] as $c (0; . * 16 + (if $c >= 97 then $c - 87 else $c - 48 end));

split("\t")
| (.[17] != "") as $whole
| [(.[0] | tonumber), .[1], "\(.[2]):\(.[3])", "\(.[4]):\(.[5])"]
  + if $whole then
        ["\(.[8]):\(.[9])", "\(.[10]):\(.[11])"]
        + (.[12:15] | map(tonumber)) + [.[15] | hex] + (.[16:18] | map(tonumber))
    else
        ["cut", (.[6] | tonumber), (.[7] | tonumber)]
    end
