// SPDX-License-Identifier: GPL-2.0
/*
 * Who may do what: asked once, when the device is opened, or at a system call. Nothing is written
 * to the audit log for those who may not: programs look whether they may.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/security.h>
#include <linux/string.h>
#include <linux/uidgid.h>

#include "kutrace_mod.h"

static int markgid = -1;
module_param(markgid, int, 0444);
MODULE_PARM_DESC(markgid, "number of the group whose members may open the device to store marks; default -1: none");

static bool has(int capability)
{
	return ns_capable_noaudit(&init_user_ns, capability);
}

/* As for perf and tracefs: a kernel that keeps its secrets from root is not traced. */
bool kutrace_may_control(void)
{
	return (has(CAP_PERFMON) || has(CAP_SYS_ADMIN)) && !security_locked_down(LOCKDOWN_TRACEFS);
}

/* As for /proc/kallsyms. What %pK shows as nothing, kptr_restrict hides from the caller. */
bool kutrace_may_have_addresses(void)
{
	char shown[2 * sizeof(void *) + 1];

	if (!has(CAP_SYSLOG))
		return false;
	snprintf(shown, sizeof(shown), "%pK", &kutrace_trace);
	return memchr_inv(shown, '0', sizeof(shown) - 1);
}

/**
 * kutrace_rights - what the caller may do: KUTRACE_RIGHT_*
 */
u32 kutrace_rights(void)
{
	if (kutrace_may_control())
		return KUTRACE_RIGHT_CONTROL | KUTRACE_RIGHT_MARK |
		       (kutrace_may_have_addresses() ? KUTRACE_RIGHT_ADDRESSES : 0);
	if (markgid >= 0 && in_egroup_p(make_kgid(&init_user_ns, markgid)))
		return KUTRACE_RIGHT_MARK;
	return 0;
}
