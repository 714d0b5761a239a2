/* SPDX-License-Identifier: BSD-2-Clause */

#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "options.h"

static const char *const report_names[] = {
	[FORMAT_FLOWS] = "--flows",
	[FORMAT_FINDINGS] = "--findings",
	[FORMAT_STATS] = "--stats",
	[FORMAT_FOLLOW] = "--follow",
};

const char *options_report_name(enum options_format format)
{
	return report_names[format];
}

/**
 * struct rule - Two things that do not go together, or only together
 * @broken:	The rule is broken
 * @one:	An option
 * @other:	The other one
 */
struct rule {
	bool broken;
	const char *one;
	const char *other;
};

/* What excludes lines of text: the option's name, or NULL */
static const char *other_than_text(const struct options *options)
{
	if (options_is_report(options))
		return report_names[options->format];
	return options->json ? "--json" : NULL;
}

static const char *bytes_option(const struct options *options)
{
	static const char *const names[] = {
		[TEXT_FORM_HEX] = "-x",
		[TEXT_FORM_HEX_ASCII] = "-X",
		[TEXT_FORM_ASCII] = "-A",
	};

	return names[options->text.form];
}

static bool check_contradictions(const struct options *options)
{
	const char *source = options->list_file ? "-V" : "-r";
	const char *other = other_than_text(options);
	bool live = options_is_live(options);
	bool only_written = options->write_file && !options->print;
	const struct rule rules[] = {
		{ options->read_file && options->list_file, "-r", "-V" },
		{ !live && options->interface, source, "-i" },
		{ !live && options->buffer_kib > 0, source, "-B" },
		{ !live && options->immediate, source, "--immediate-mode" },
		{ !live && options->tstamp_type >= 0, source, "-j" },
		{ !live && options->interval > 0, "--report-interval", source },
		{ options->expression && options->filter_file, "-F",
		  "a filter on the command line" },
		{ other && only_written, other, "-w (without --print)" },
		{ other && options->print_count, other, "--count" },
		{ other && options->text.bytes, other, bytes_option(options) },
		{ only_written && options->text.bytes, "-w (without --print)",
		  bytes_option(options) },
		{ options->print && options->print_count, "--print", "--count" },
		{ options->no_names && options->cids_file, "-n", "--cids" },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].broken) {
			message("%s and %s contradict each other", rules[i].one,
				rules[i].other);
			return false;
		}
	}
	return true;
}

static bool check_needs(const struct options *options)
{
	bool rotates = options->rotate_bytes > 0 || options->rotate_seconds > 0;
	bool to_file = options->write_file && strcmp(options->write_file, "-") != 0;
	bool periodic = options_is_report(options) && options->format != FORMAT_FOLLOW;
	const struct rule rules[] = {
		{ options->print && !options->write_file, "--print", "-w" },
		{ options->rotate_bytes > 0 && !to_file, "-C", "-w FILE" },
		{ options->rotate_seconds > 0 && !to_file, "-G", "-w FILE" },
		{ options->rotate_files > 0 && !rotates, "-W", "-C or -G" },
		{ options->rotate_command && !rotates, "-z", "-C or -G" },
		{ options->interval > 0 && !periodic, "--report-interval",
		  "--flows, --findings or --stats" },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].broken) {
			message("%s needs %s", rules[i].one, rules[i].other);
			return false;
		}
	}
	return true;
}

/* Two outputs at the same place would be mixed up */
static bool check_outputs(const struct options *options)
{
	if (options->print && strcmp(options->write_file, "-") == 0) {
		message("--print and -w - contradict each other: both write to standard "
			"output");
		return false;
	}
	return true;
}

bool options_check(struct options *options)
{
	if (options->action != ACTION_DUMP)
		return true;
	if (!check_contradictions(options) || !check_needs(options) ||
	    !check_outputs(options))
		return false;
	if (!options_is_report(options) && !options->print &&
	    (options->write_file || options->print_count))
		options->format = FORMAT_NONE;
	return true;
}
