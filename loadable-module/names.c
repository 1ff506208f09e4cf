// SPDX-License-Identifier: GPL-2.0
/*
 * Names that the kernel itself knows: of the traps that are recorded, of system vectors, of softirqs. They go into block
 * 0 before any other, whatever program controls the trace.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/utsname.h>

#include "compat.h"
#include "kutrace_mod.h"

#ifdef CONFIG_X86
#include <asm/irq_vectors.h>
#include <asm/trapnr.h>
#else
#include <asm/esr.h>

#define EXCEPTION(class, name)                                                                     \
	{                                                                                          \
		KUTRACE_TRAP_CLASS - KUTRACE_TRAP + ESR_ELx_EC_##class, name                       \
	}
#endif

#ifdef CONFIG_X86
/* Device interrupts that share a number must not look like a system vector. */
static_assert(KUTRACE_IRQ_SHARED + KUTRACE_IRQ_SHARED_COUNT <= FIRST_SYSTEM_VECTOR);
#endif

struct number_name {
	u32 number;
	const char *name;
};

static const struct number_name traps[] = {
#ifdef CONFIG_X86
	{ X86_TRAP_DE, "divide_error" },     { X86_TRAP_DB, "debug" },
	{ X86_TRAP_NMI, "nmi" },	     { X86_TRAP_BP, "int3" },
	{ X86_TRAP_OF, "overflow" },	     { X86_TRAP_BR, "bounds" },
	{ X86_TRAP_UD, "invalid_op" },	     { X86_TRAP_NM, "fpu_not_avail" },
	{ X86_TRAP_OLD_MF, "coproc_segment" }, { X86_TRAP_TS, "invalid_tss" },
	{ X86_TRAP_NP, "segment_not_pres" }, { X86_TRAP_SS, "stack_segment" },
	{ X86_TRAP_GP, "general_prot" },     { X86_TRAP_PF, "page_fault" },
	{ X86_TRAP_SPURIOUS, "spurious_bug" }, { X86_TRAP_MF, "fpu_error" },
	{ X86_TRAP_AC, "alignment_check" },  { X86_TRAP_MC, "machine_check" },
	{ X86_TRAP_XF, "simd_error" },
#ifdef X86_TRAP_CP
	{ X86_TRAP_CP, "control_protection" },
#endif
	{ X86_TRAP_VC, "vmm_communication" },
#else
	{ KUTRACE_PAGE_FAULT - KUTRACE_TRAP, "page_fault" },
	EXCEPTION(UNKNOWN, "undefined"),
	EXCEPTION(WFx, "wfi"),
	EXCEPTION(CP15_32, "cp15"),
	EXCEPTION(CP15_64, "cp15_64"),
	EXCEPTION(CP14_MR, "cp14"),
	EXCEPTION(CP14_LS, "cp14_load_store"),
	EXCEPTION(CP14_64, "cp14_64"),
	EXCEPTION(FP_ASIMD, "fpsimd_access"),
	EXCEPTION(BTI, "branch_target"),
	EXCEPTION(ILL, "illegal_state"),
	EXCEPTION(SYS64, "system_register"),
	EXCEPTION(SVE, "sve_access"),
	EXCEPTION(FPAC, "pointer_auth"),
	EXCEPTION(PC_ALIGN, "pc_alignment"),
	EXCEPTION(SP_ALIGN, "sp_alignment"),
	EXCEPTION(FP_EXC32, "fp_exception_32"),
	EXCEPTION(FP_EXC64, "fp_exception"),
	EXCEPTION(BREAKPT_LOW, "breakpoint"),
	EXCEPTION(SOFTSTP_LOW, "single_step"),
	EXCEPTION(WATCHPT_LOW, "watchpoint"),
	EXCEPTION(BRK64, "brk"),
	EXCEPTION(BKPT32, "bkpt"),
#ifdef ESR_ELx_EC_SME
	EXCEPTION(SME, "sme_access"),
#endif
#ifdef ESR_ELx_EC_GCS
	EXCEPTION(GCS, "guarded_stack"),
#endif
#ifdef ESR_ELx_EC_MOPS
	EXCEPTION(MOPS, "memory_copy"),
#endif
#endif
};

static const struct number_name interrupts[] = {
#ifdef CONFIG_X86
#ifdef CONFIG_SMP
	{ RESCHEDULE_VECTOR, "reschedule_ipi" },
	{ CALL_FUNCTION_VECTOR, "call_function_ipi" },
	{ CALL_FUNCTION_SINGLE_VECTOR, "call_function1_ipi" },
#ifdef IRQ_MOVE_CLEANUP_VECTOR
	{ IRQ_MOVE_CLEANUP_VECTOR, "irq_move_cleanup" },
#endif
	{ REBOOT_VECTOR, "reboot" },
#endif
	{ SPURIOUS_APIC_VECTOR, "spurious_apic" },
	{ ERROR_APIC_VECTOR, "error_apic" },
	{ THERMAL_APIC_VECTOR, "thermal_apic" },
	{ THRESHOLD_APIC_VECTOR, "threshold_apic" },
	{ X86_PLATFORM_IPI_VECTOR, "platform_ipi" },
	{ IRQ_WORK_VECTOR, "irq_work" },
	{ DEFERRED_ERROR_VECTOR, "deferred_error" },
	{ HYPERVISOR_CALLBACK_VECTOR, "hypervisor_callback" },
#ifdef CONFIG_KVM_INTEL
	{ POSTED_INTR_VECTOR, "posted_intr" },
	{ POSTED_INTR_WAKEUP_VECTOR, "posted_intr_wakeup" },
	{ POSTED_INTR_NESTED_VECTOR, "posted_intr_nested" },
#endif
#ifdef CONFIG_HYPERV
	{ HYPERV_REENLIGHTENMENT_VECTOR, "hyperv_reenlightenment" },
	{ HYPERV_STIMER0_VECTOR, "hyperv_timer" },
#endif
#ifdef PERF_GUEST_MEDIATED_PMI_VECTOR
	{ PERF_GUEST_MEDIATED_PMI_VECTOR, "guest_pmi" },
#endif
#ifdef POSTED_MSI_NOTIFICATION_VECTOR
	{ POSTED_MSI_NOTIFICATION_VECTOR, "posted_msi" },
#endif
	{ LOCAL_TIMER_VECTOR, "local_timer_vector" },
#else
	/* In the order of enum ipi_msg_type in arch/arm64/kernel/smp.c. */
	{ KUTRACE_IRQ_IPI + 0, "reschedule_ipi" },   { KUTRACE_IRQ_IPI + 1, "call_function_ipi" },
	{ KUTRACE_IRQ_IPI + 2, "cpu_stop_ipi" },     { KUTRACE_IRQ_IPI + 3, KUTRACE_IPI3 },
	{ KUTRACE_IRQ_IPI + 4, "timer_ipi" },	     { KUTRACE_IRQ_IPI + 5, "irq_work_ipi" },
	{ KUTRACE_IRQ_IPI + 6, KUTRACE_IPI6 },
#ifdef KUTRACE_IPI7
	{ KUTRACE_IRQ_IPI + 7, KUTRACE_IPI7 },
#endif
#endif
	{ KUTRACE_BOTTOM_HALF - KUTRACE_IRQ, "BH" },
};

static void store_names(u32 kind, const struct number_name *names, size_t count)
{
	u64 text[KUTRACE_MAX_NAME_BYTES / 8];
	size_t i;

	for (i = 0; i < count; i++) {
		u32 words = 1 + DIV_ROUND_UP(strlen(names[i].name), 8);

		memset(text, 0, sizeof(text));
		memcpy(text, names[i].name, strlen(names[i].name));
		kutrace_store_off((u64)(kind + (words << 4)) << KUTRACE_EVENT_SHIFT |
					  names[i].number,
				  text, words);
	}
}

/* Under the mutex, when block 0 has been opened. */
void kutrace_names(void)
{
	store_names(KUTRACE_TRAPNAME, traps, ARRAY_SIZE(traps));
	store_names(KUTRACE_INTERRUPTNAME, interrupts, ARRAY_SIZE(interrupts));
}

/*
 * The kernel's release and version, behind what a program may have said: programs of the reference
 * give the version alone. Under the mutex, before the start.
 */
void kutrace_name_kernel(void)
{
	char text[KUTRACE_MAX_NAME_BYTES + 1];
	u64 words[KUTRACE_MAX_NAME_BYTES / 8] = {};
	u32 count;

	snprintf(text, sizeof(text), "%s %s", init_utsname()->release, init_utsname()->version);
	memcpy(words, text, strlen(text));
	count = 1 + DIV_ROUND_UP(strlen(text), 8);
	kutrace_store_off((u64)(KUTRACE_KERNEL_VERSION + (count << 4)) << KUTRACE_EVENT_SHIFT, words,
			  count);
}
