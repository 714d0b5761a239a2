# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
# The receiver makes its buffer smaller than what already lies in it, so the
# promised edge moves back and the sender has to wait.

record shrink -s 128 -- vsockload -w 500 shrink 100000 20000 16384
expect_lines shrink.pcap '1:1234 > 1:1024: stream RESPONSE, buf_alloc 262144' 1 1
expect_lines shrink.pcap '1:1234 > 1:1024: stream (CREDIT_UPDATE|RW), buf_alloc 16384, fwd_cnt 0' 1
expect_lines shrink.pcap '1:1234 > 1:1024: stream CREDIT_UPDATE, buf_alloc 16384, fwd_cnt [1-9]' 1
