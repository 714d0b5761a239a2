/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Tracker and model over captures: test_model CAPTURE... -- CAPTURE... They must agree
 * about every packet. Those before the -- were recorded from real kernels and must give
 * no violation; those behind it show faults.
 */

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "model.h"

/* The packet at hand: what the two say differs in the member of that name, or NULL */
static const char *hold_against(struct watch *watch, struct model *model,
				const struct pcap_pkthdr *pkthdr, const u_char *data)
{
	struct vsockhdr_record rec;
	struct vsockhdr_seen seen = { .rec = &rec };
	struct model_told told;

	seen.time_ns = pkthdr->ts.tv_sec * SECOND + pkthdr->ts.tv_usec;
	seen.err = vsockhdr_record_decode(&rec, data, pkthdr->caplen, pkthdr->len);
	watch_see(watch, &seen);
	model_feed(model, &seen, &told);
	return model_differs(&told, &watch->told);
}

static bool check_findings(const struct watch *watch, const char *path, bool faultless)
{
	const struct vsockhdr_finding *finding = watch_violation(watch, 0);

	if (!finding || !faultless)
		return true;
	(void)fprintf(stderr, "%s: frame %llu: %s\n", path,
		      (unsigned long long)finding->frame,
		      vsockhdr_finding_info(finding->id)->name);
	return false;
}

static bool check_capture(const char *path, bool faultless)
{
	char errbuf[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(
		path, PCAP_TSTAMP_PRECISION_NANO, errbuf);
	struct model *model = model_new();
	struct watch watch;
	struct pcap_pkthdr *pkthdr;
	const u_char *data;
	const char *member = NULL;
	bool ok;

	if (!pcap) {
		(void)fprintf(stderr, "%s\n", errbuf);
		model_free(model);
		return false;
	}
	watch_start(&watch, NULL);
	while (!member && pcap_next_ex(pcap, &pkthdr, &data) == 1)
		member = hold_against(&watch, model, pkthdr, data);
	if (member)
		(void)fprintf(stderr, "%s: frame %llu: %s differs\n", path,
			      (unsigned long long)watch.frame, member);
	vsockhdr_tracker_finish(watch.tracker);
	ok = !member && watch.frame > 0 && check_findings(&watch, path, faultless);
	printf("%s: %llu packets, %zu connections, %zu findings\n", path,
	       (unsigned long long)watch.frame, watch.flows, watch.findings);
	watch_stop(&watch);
	model_free(model);
	pcap_close(pcap);
	return ok;
}

int main(int argc, char **argv)
{
	int status = argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
	bool faultless = true;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			faultless = false;
		else if (!check_capture(argv[i], faultless))
			status = EXIT_FAILURE;
	}
	return status;
}
