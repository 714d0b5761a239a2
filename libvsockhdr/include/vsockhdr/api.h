/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSOCKHDR_API_H
#define VSOCKHDR_API_H

/*
 * What every public header of the library needs: linkage, visibility and the
 * version. Nothing here is for a caller to use but vsockhdr_version().
 */

#ifdef __cplusplus
#define VSOCKHDR_BEGIN_DECLS extern "C" {
#define VSOCKHDR_END_DECLS   }
#else
#define VSOCKHDR_BEGIN_DECLS
#define VSOCKHDR_END_DECLS
#endif

#define VSOCKHDR_API __attribute__((visibility("default")))

VSOCKHDR_BEGIN_DECLS

/**
 * vsockhdr_version() - The library's version at run time
 *
 * Return: "MAJOR.MINOR.PATCH", a static string
 */
VSOCKHDR_API const char *vsockhdr_version(void);

VSOCKHDR_END_DECLS

#endif
